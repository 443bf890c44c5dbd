using System.Diagnostics;
using Otherworld.Guest.Benchmarks;

namespace Otherworld.Guest.Tests.Benchmarks;

/// <summary>Contenders that behave in odd ways, played by a shell.</summary>
public sealed class ContenderRunTests
{
    private const ulong GuestMemory = 1UL << 40; // no mapping of a shell is a guest's RAM

    [Test]
    public void A_good_one_is_measured_and_ended()
    {
        ContenderRun run = Run("echo 'bench: ready'; echo 'bench: > a'; echo 'bench: < a ff 12'; echo 'bench: done'; sleep 1000");
        Assert.Multiple(() =>
        {
            Assert.That(run.Failure, Is.Null);
            Assert.That(run.ReadySeconds, Is.GreaterThan(0));
            Assert.That(run.Samples.Single(), Is.EqualTo(new BenchSample("a", run.Samples[0].Seconds, "ff", 12)));
            Assert.That(run.OwnMemory, Is.GreaterThan(100_000));
        });
    }

    [Test]
    public void One_that_tells_the_time_is_believed() =>
        Assert.That(Run("echo 'bench: > a'; echo 'bench: < a ff 1500000000'; echo 'bench: done'", tellsTime: true).Samples.Single(), Is.EqualTo(new BenchSample("a", 1.5, "ff")));

    [Test]
    public void A_panic_is_quoted_as_the_reason()
    {
        ContenderRun run = Run("echo 'bench: ready'; echo 'bench: > a'; echo 'Kernel panic - not syncing: oh'; echo 'Rebooting'; exit 1");
        Assert.Multiple(() =>
        {
            Assert.That(run.Samples, Is.Empty);
            Assert.That(run.Failure, Does.Contain("ended by itself").And.Contain("not syncing: oh"));
        });
    }

    [Test]
    public void One_that_says_what_went_wrong_is_quoted() => Assert.That(Run("echo 'bench: ! mount: no'; sleep 1000").Failure, Does.StartWith("mount: no"));

    [Test]
    public void One_that_does_not_exist_is_a_failure_and_no_exception()
    {
        ContenderRun run = new(new ProcessStartInfo("/nowhere/emulator"), TimeProvider.System, tellsTime: false);
        run.Run(GuestMemory);
        Assert.That(run.Failure, Does.Contain("/nowhere/emulator"));
    }

    private static ContenderRun Run(string script, bool tellsTime = false)
    {
        ContenderRun run = new(new ProcessStartInfo("/bin/sh", ["-c", script]), TimeProvider.System, tellsTime);
        run.Run(GuestMemory);
        return run;
    }
}
