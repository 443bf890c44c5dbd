using Emu.X86.State;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Lockstep;

namespace System.Tests.Demo;

/// <summary>The main job on the real guest: every way to die, several deaths in a row, and the same run twice.</summary>
[TestFixture]
public sealed class DemoTests
{
    private static readonly PanicKind[] Kinds = Enum.GetValues<PanicKind>();

    [TestCaseSource(nameof(Kinds))]
    public void Processes_outlive_a_kernel_that_dies_of(PanicKind kind)
    {
        DemoResult result = Run(new DemoOptions { Image = Images.Otherworld, Seed = 7 + (ulong)kind, Kind = kind });
        Assert.That(result.Verdict, Is.EqualTo("resurrected"), Describe(result));
        Assert.That(result.Processes.Count(process => process.Check == "correct"), Is.GreaterThanOrEqualTo(4));
    }

    [TestCaseSource(nameof(Kinds)), Category("Slow")]
    public void Both_engines_run_the_same_death_in_lockstep(PanicKind kind)
    {
        DemoOptions options = new() { Image = Images.Otherworld, Seed = 40 + (ulong)kind, Kind = kind };
        DemoResult plain = Run(options);
        DemoResult lockstep = Run(options with { Lockstep = new LockstepOptions { Step = 2000, Seed = options.Seed } });
        Assert.That(lockstep.Verdict, Is.EqualTo("resurrected"), Describe(lockstep));
        Assert.That(lockstep.FinalHash, Is.EqualTo(plain.FinalHash));
        Assert.That(lockstep.LockstepSteps, Is.GreaterThan(100_000));
    }

    [Test]
    public void A_mistake_of_one_engine_ends_the_demo_and_is_named()
    {
        const ulong tick = 9_876_543;
        DemoResult result = Run(new DemoOptions
        {
            Image = Images.Otherworld,
            Lockstep = new LockstepOptions { Mistake = new DeliberateMistake(tick, guest => guest.Processor.State.Registers()[(int)GeneralRegister.R12] ^= 1) },
        });
        Assert.That(result.Verdict, Does.StartWith("the engines differ").And.Contains("R12").IgnoreCase);
        Assert.That(result.LockstepSteps, Is.Null);
        Assert.That(result.Panics, Is.Empty);
    }

    [Test]
    public void The_same_seed_ends_in_the_same_state()
    {
        DemoOptions options = new() { Image = Images.Otherworld, Seed = 3, Kind = PanicKind.Bug };
        DemoResult first = Run(options);
        DemoResult second = Run(options);
        Assert.That(second.FinalHash, Is.EqualTo(first.FinalHash));
        Assert.That(second.Phases, Is.EqualTo(first.Phases));
    }

    [Test]
    public void A_recorded_demo_is_replayed_to_the_bit_by_either_engine()
    {
        string folder = Directory.CreateTempSubdirectory("otherworld-demo-").FullName;
        try
        {
            DemoOptions options = new() { Image = Images.Otherworld, Seed = 3, Kind = PanicKind.Bug };
            DemoResult recorded = Run(options with { Record = Path.Combine(folder, "run"), SelfContained = true });
            Assert.That(recorded.FinalHash, Is.EqualTo(Run(options).FinalHash), "recording changes nothing");
            foreach (string engine in (string[])["interpreter", "translator"])
            {
                CliResult replay = Cli.Run("replay", Path.Combine(folder, "run"), "--verify", "--engine", engine, "--json");
                Assert.Multiple(() =>
                {
                    Assert.That(replay.Status, Is.Zero, replay.Error);
                    Assert.That(replay.Json("verdict"), Is.EqualTo("identical"));
                    Assert.That(replay.Json("final_hash"), Is.EqualTo(recorded.FinalHash));
                });
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void Neither_the_process_nor_its_directory_nor_where_it_writes_can_be_seen_in_the_state()
    {
        string folder = Directory.CreateTempSubdirectory("otherworld-demo-").FullName;
        try
        {
            string image = Images.Otherworld.Folder;
            CliResult first = Cli.RunIn("/", "demo", "--seed", "11", "--image", image, "--out", Path.Combine(folder, "one"), "--json");
            CliResult second = Cli.RunIn(folder, "demo", "--json", "--seed", "11", "--image", image, "--out", "another place/of another length");
            Assert.Multiple(() =>
            {
                Assert.That(first.Status, Is.Zero, first.Error + first.Output);
                Assert.That(first.Json("final_hash"), Has.Length.EqualTo(16).And.EqualTo(second.Json("final_hash")));
                Assert.That(second.Json("phases"), Is.EqualTo(first.Json("phases")));
                Assert.That(File.Exists(Path.Combine(folder, "another place/of another length/panic-1.snapshot")), Is.True);
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void Five_kernels_die_in_a_row_of_different_causes()
    {
        DemoResult result = Run(new DemoOptions { Image = Images.Otherworld, Seed = 5, Crashes = 5 });
        Assert.That(result.Verdict, Is.EqualTo("resurrected"), Describe(result));
        Assert.That(result.Panics, Has.Count.EqualTo(5));
        Assert.That(result.Panics.Select(panic => panic.Kind).Distinct().Count(), Is.GreaterThanOrEqualTo(3), "the seed was chosen for its mixture");
    }

    /// <summary>Each kernel revives what the one before it revived; everything is checked after every death, and no kernel has less memory than the one before.</summary>
    [Test, Category("Slow")]
    public void A_hundred_kernels_die_in_a_row_and_no_memory_is_lost()
    {
        DemoResult result = Run(new DemoOptions { Image = Images.Otherworld, Seed = 1, Crashes = 100, Progress = TestContext.Progress.WriteLine });
        Assert.That(result.Verdict, Is.EqualTo("resurrected"), Describe(result));
        Assert.That(result.Panics, Has.Count.EqualTo(100));
        Assert.That(result.Memory, Has.Count.EqualTo(100));
        TestContext.Out.WriteLine($"first {result.Memory[0]}, last {result.Memory[^1]}");
    }

    [Test]
    public void What_the_guest_says_is_timed_to_the_instruction()
    {
        DemoOptions options = new() { Image = Images.Otherworld };
        using DemoRun run = new(options);
        Assert.That(run.Boot(), Is.Null);
        foreach ((int line, string text) in ((int, string)[])[(-1, "ow: armed"), (0, "otherworld# ")])
        {
            Moment seen = Line(run, line).Find(0, text)!.Value;
            using DemoRun again = new(options);
            Assert.That(again.Console.RunToIcount(seen.Icount - 1), Is.True);
            Assert.That(Line(again, line).Find(0, text), Is.Null, text);
            Assert.That(again.Console.RunToIcount(seen.Icount), Is.True);
            Assert.That(Line(again, line).Find(0, text), Is.EqualTo(seen), text);
        }
    }

    [Test]
    public void The_crash_kernel_is_in_user_mode_within_60_million_instructions()
    {
        DemoResult result = Run(new DemoOptions { Image = Images.Otherworld, Seed = 2, Kind = PanicKind.Bug });
        ulong panic = result.Phases.Single(phase => phase.Name == "panic").Icount;
        // The write-back is driven from user space: its mark comes after the first user instruction.
        ulong user = result.Phases.Single(phase => phase.Name == "write-back").Icount;
        TestContext.Out.WriteLine($"panic to write-back done: {user - panic:#,0} instructions");
        Assert.That(user - panic, Is.LessThan(60_000_000));
    }

    [Test]
    public void Points_are_spread_over_the_kernel()
    {
        using DemoRun run = new(new DemoOptions { Image = Images.Otherworld });
        Assert.That(run.Boot() ?? run.StartPrograms() ?? run.StartWork(0), Is.Null);
        SortedDictionary<string, int> spread = new(StringComparer.Ordinal);
        foreach (string symbol in run.DrawSymbols(100))
            spread[symbol] = spread.GetValueOrDefault(symbol) + 1;
        foreach ((string symbol, int count) in spread.OrderByDescending(pair => pair.Value))
            TestContext.Out.WriteLine($"{count,4} {symbol}");
        Assert.That(spread, Has.Count.GreaterThan(25));
    }

    private static Transcript Line(DemoRun run, int line) => line < 0 ? run.Console.Debug : run.Console.Lines[line];

    private static DemoResult Run(DemoOptions options)
    {
        using DemoRun run = new(options with { Progress = TestContext.Progress.WriteLine });
        return run.Run();
    }

    private static string Describe(DemoResult result) => string.Join('\n', result.Panics.Select(panic => $"{panic.Kind} at {panic.Symbol} ({panic.Icount})"));
}
