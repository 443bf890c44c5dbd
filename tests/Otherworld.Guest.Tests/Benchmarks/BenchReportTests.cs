using System.Collections.Immutable;
using System.Text.Json;
using System.Xml.Linq;
using Otherworld.Guest.Benchmarks;

namespace Otherworld.Guest.Tests.Benchmarks;

public sealed class BenchReportTests
{
    [Test]
    public void Means_are_geometric_over_the_items_both_finished()
    {
        BenchGeomeans means = Report().Geomeans;
        Assert.Multiple(() =>
        {
            Assert.That(means.ComputeVsNative, Is.EqualTo(Math.Sqrt(2.0 * 8.0)).Within(1e-9));
            Assert.That(means.GuestSpeedupVsQemu, Is.EqualTo(3.0).Within(1e-9), "fork_exec failed for us and does not count");
            Assert.That(means.InterpreterMips, Is.EqualTo(400.0).Within(1e-9), "x87 is no integer kernel");
            Assert.That(means.BootSpeedupVsQemu, Is.Null);
        });
    }

    [TestCase(new[] { 3.0, 1.0, 2.0 }, 2.0)]
    [TestCase(new[] { 4.0, 1.0, 2.0, 3.0 }, 2.5)]
    public void The_median_is_the_middle(double[] values, double median) => Assert.That(Statistics.Median(values), Is.EqualTo(median));

    [Test]
    public void The_JSON_has_the_promised_keys()
    {
        JsonElement root = JsonDocument.Parse(Report().ToJson()).RootElement;
        Assert.Multiple(() =>
        {
            Assert.That(root.GetProperty("items")[0].EnumerateObject().Select(member => member.Name), Is.EqualTo(new[] { "suite", "name", "contender", "median_s", "runs" }));
            Assert.That(
                root.GetProperty("geomeans").EnumerateObject().Select(member => member.Name),
                Is.EqualTo(new[] { "compute_vs_native", "guest_speedup_vs_qemu", "guest_speedup_vs_qemu_icount", "boot_speedup_vs_qemu", "boot_speedup_vs_qemu_icount", "interpreter_mips" }));
            Assert.That(root.GetProperty("items")[0].GetProperty("median_s").GetDouble(), Is.EqualTo(1.0));
        });
    }

    [Test]
    public void Table_page_and_chart_show_every_item_and_every_failure()
    {
        BenchReport report = Report();
        string table = string.Join('\n', BenchTable.Lines(report));
        string page = ResultsPage.Of(report);
        XElement chart = XElement.Parse(BenchChart.Draw(report));
        Assert.Multiple(() =>
        {
            foreach (string name in report.Items.Select(item => item.Name))
            {
                Assert.That(table, Does.Contain(name));
                Assert.That(page, Does.Contain($"| {name} |"));
                Assert.That(chart.Descendants().Any(text => text.Name.LocalName == "text" && text.Value == name), name);
            }

            Assert.That(table, Does.Contain("the kernel died"));
            Assert.That(page, Does.Contain("the kernel died"));
        });
    }

    [Test]
    public void A_wrong_result_has_no_time()
    {
        BenchLog log = new();
        log.Add(BenchSuite.Compute, ContenderNames.Native, new BenchSample("fib", 1, "abc"));
        log.Add(BenchSuite.Compute, ContenderNames.Ours, new BenchSample("fib", 2, "abd"));
        log.Add(BenchSuite.Compute, ContenderNames.Qemu, new BenchSample("fib", 3, "abc"));
        ImmutableArray<BenchItem> items = log.Finish([BenchSuite.Compute]);
        Assert.Multiple(() =>
        {
            Assert.That(items.Select(item => item.Contender), Is.EqualTo(new[] { ContenderNames.Native, ContenderNames.Qemu }));
            Assert.That(log.Failures.Single().Contender, Is.EqualTo(ContenderNames.Ours));
        });
    }

    private static BenchReport Report() => new()
    {
        Items =
        [
            Item("compute", "sieve", ContenderNames.Native, 1.0),
            Item("compute", "sieve", ContenderNames.Ours, 2.0),
            Item("compute", "sieve", ContenderNames.OursInterpreter, 2.0, 800_000_000),
            Item("compute", "x87", ContenderNames.Native, 1.0),
            Item("compute", "x87", ContenderNames.Ours, 8.0),
            Item("compute", "x87", ContenderNames.OursInterpreter, 8.0, 8_000_000),
            Item("guest", "system_calls", ContenderNames.Ours, 1.0),
            Item("guest", "system_calls", ContenderNames.Qemu, 3.0),
            Item("guest", "fork_exec", ContenderNames.Qemu, 3.0),
        ],
        Failures = [new BenchFailure("guest", "fork_exec", ContenderNames.Ours, "the kernel died")],
        Contenders = ImmutableSortedDictionary<string, string>.Empty.Add(ContenderNames.Qemu, "7.2 <&\">"),
        OwnMemory = ImmutableSortedDictionary<string, long>.Empty.Add(ContenderNames.Ours, 100 << 20),
        Host = "a \"host\" & more",
        Commit = "0123",
        Images = ["otherworld/1"],
        Runs = 1,
        Divisor = 1,
    };

    private static BenchItem Item(string suite, string name, string contender, double seconds, ulong ticks = 0) => new(suite, name, contender, [seconds], ticks);
}
