using Emu.Core.Worlds;
using Emu.X86;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Observing;

namespace System.Tests.Demo;

/// <summary>Servers that lose their kernel, seen by a client in another machine: a pause, and nothing else.</summary>
[TestFixture]
public sealed class ObserverTests
{
    private static readonly LinkDescription Bad = new ObserverSettings().Link with { Latency = 1_000_000, Bandwidth = 20_000_000, Loss = LinkDescription.LossUnit / 50 };

    private string _folder = "";

    [OneTimeSetUp]
    public void Make() => _folder = Directory.CreateTempSubdirectory("otherworld-observer-").FullName;

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [TestCase(DemoApp.Redis), TestCase(DemoApp.MariaDb), TestCase(DemoApp.Apache)]
    public void A_connection_and_all_that_was_acknowledged_outlive_the_kernel(DemoApp app)
    {
        DemoResult result = Run(new DemoOptions { Image = Images.Debian, App = app, Observer = new ObserverSettings() });
        AssertWhole(result);
        TestContext.Out.WriteLine($"{result.Observation!.Acknowledged} operations; longest interruption {result.Observation.LongestInterruption}");
        Assert.Multiple(() =>
        {
            Assert.That(result.Interruption?.Icount, Is.GreaterThan(0).And.LessThan(300_000_000));
            Assert.That(result.Observation.LongestInterruption.VtimeNs, Is.InRange(result.Interruption!.Value.VtimeNs - 2_000_000, result.Interruption.Value.VtimeNs + 20_000_000), "nothing else kept the client waiting");
        });
    }

    /// <summary>A link that loses frames, two deaths, both engines, and a recording: one state at the end.</summary>
    [Test, Category("Slow")]
    public void A_bad_link_and_two_deaths_end_the_same_in_both_engines_and_in_the_replay()
    {
        string capture = Path.Combine(_folder, "frames.pcapng"), run = Path.Combine(_folder, "run");
        DemoOptions options = new() { Image = Images.Debian, App = DemoApp.Redis, Crashes = 2, Observer = new ObserverSettings { Link = Bad } };
        DemoResult one = Run(options with { Observer = options.Observer with { Capture = capture }, Record = run });
        DemoResult other = Run(options with { Engine = EngineKind.Interpreter });
        CliResult replay = Cli.RunIn(_folder, "replay", "run", "--engine", "interpreter");
        AssertWhole(one);
        Assert.Multiple(() =>
        {
            Assert.That(other.FinalHash, Is.EqualTo(one.FinalHash));
            Assert.That(other.Observation, Is.EqualTo(one.Observation));
            Assert.That(replay.Status, Is.Zero, replay.Error);
            Assert.That(replay.Error.Split("IDENTICAL"), Has.Length.EqualTo(3), "server and observer");
            Assert.That(Text(capture), Does.Contain("INCR visits").And.Contain("lost on the way to"), "what was sent, and that some of it got lost");
        });
    }

    private static string Text(string path) => System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(path));

    private static DemoResult Run(DemoOptions options)
    {
        using DemoRun run = new(options);
        return run.Run();
    }

    private static void AssertWhole(DemoResult result)
    {
        Assert.That(result.Verdict, Is.EqualTo("resurrected"));
        Observation seen = result.Observation!;
        Assert.Multiple(() =>
        {
            Assert.That((seen.Lost, seen.Duplicated, seen.Corrupted), Is.EqualTo((0, 0, 0)));
            Assert.That((seen.Refused, seen.InDoubt, seen.Broken), Is.EqualTo((0, 0, 0)));
            Assert.That(seen.Acknowledged, Is.GreaterThanOrEqualTo(100), "before the deaths and after them");
            Assert.That(seen.Problem, Is.Null);
        });
    }
}
