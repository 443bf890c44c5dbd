using Otherworld.Guest.Benchmarks;

namespace Otherworld.Guest.Tests.Benchmarks;

public sealed class BenchLineTests
{
    [Test]
    public void A_finished_item_carries_result_and_ticks() =>
        Assert.That(BenchLine.Parse("bench: < sieve 34bcc858759ae000 304311410\r"), Is.EqualTo(new BenchLine(BenchLineKind.Finished, "sieve", "34bcc858759ae000", 304311410)));

    [TestCase("bench: ready", "Ready", "")]
    [TestCase("[    0.5] bench: done", "Done", "")]
    [TestCase("bench: > fib", "Started", "fib")]
    [TestCase("bench: ! mount /dev/vda: No such file or directory", "Failed", "mount /dev/vda: No such file or directory")]
    [TestCase("bench: < fib 12", "Other", "")]
    [TestCase("Kernel panic - not syncing", "Other", "")]
    public void Lines_are_told_apart(string line, string kind, string name)
    {
        BenchLine parsed = BenchLine.Parse(line);
        Assert.That((parsed.Kind.ToString(), parsed.Name ?? ""), Is.EqualTo((kind, name)));
    }
}
