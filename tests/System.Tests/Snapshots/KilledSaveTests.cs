using System.Diagnostics;
using Emu.Core.Snapshots;

namespace System.Tests.Snapshots;

/// <summary>A process that saves a snapshot over an older one is killed with SIGKILL at random moments: what lies there is the old one or the new one, whole.</summary>
public sealed class KilledSaveTests
{
    private const int Kills = 16;

    private readonly Random _random = new(20260101);
    private string _folder = null!;

    [SetUp]
    public void SetUp() => _folder = Directory.CreateTempSubdirectory("otherworld-killed-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_folder, recursive: true);

    [Test]
    [Category("Slow")]
    public void A_killed_save_leaves_the_old_snapshot_or_the_new_one()
    {
        string target = Path.Combine(_folder, "target.snapshot");
        string[] save = ["snapshot", "save", target, "--kernel", "", "--memory", "64M", "--limit", "40_000_000"];
        save[4] = BareMetal.Image(BareMetal.FillMemory(1), BareMetal.Loop);
        long start = Stopwatch.GetTimestamp();
        Assert.That(Cli.Run(save).Status, Is.Zero);
        TimeSpan whole = Stopwatch.GetElapsedTime(start);

        // Other contents each time, so that each save has to write all of them.
        SortedSet<string> states = new(StringComparer.Ordinal) { SnapshotFile.Verify(target).StateHash };
        int before = 0, during = 0, after = 0;
        for (byte kill = 0; kill < Kills; kill++)
        {
            save[4] = BareMetal.Image(BareMetal.FillMemory((byte)(kill + 2)), BareMetal.Loop);
            bool writing = KillInTheAct(save, whole);
            bool isNew = states.Add(SnapshotFile.Verify(target).StateHash);
            (before, during, after) = isNew ? (before, during, after + 1) : writing ? (before, during + 1, after) : (before + 1, during, after);
        }

        TestContext.Out.WriteLine($"killed before writing {before} times, while writing {during} times, after the rename {after} times");
        Assert.That(during + after, Is.GreaterThan(0), "no kill hit a save");

        CliResult last = Cli.Run(save);
        Assert.That(last.Status, Is.Zero, "what killed processes left behind is in nobody's way: " + last.Error);
        Assert.That(Cli.Run("snapshot", "verify", target).Status, Is.Zero);
        Assert.That(Directory.EnumerateFiles(_folder, "*.tmp", SearchOption.AllDirectories), Is.Empty, "and it is gone");
    }

    /// <summary>Starts a save and kills it: at any moment of its life, or, every second time, a little after it began to write.</summary>
    /// <returns>It had begun to write.</returns>
    private bool KillInTheAct(string[] save, TimeSpan whole)
    {
        int files = Files();
        using Process process = Process.Start(Cli.Start(new Dictionary<string, string>(), save))!;
        TimeSpan delay = whole * _random.NextDouble();
        if (_random.Next(2) == 0)
        {
            SpinWait.SpinUntil(() => Files() > files || process.HasExited);
            delay = TimeSpan.FromMilliseconds(_random.Next(60));
        }

        process.WaitForExit(delay);
        process.Kill(); // SIGKILL
        process.WaitForExit();
        return Files() > files;
    }

    private int Files() => Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Count();
}
