namespace System.Tests.Resurrection;

/// <summary>Everything a process has, one scenario for each kind of thing, all of them in one death: memory, registers, files, identity, signals, family.</summary>
[TestFixture]
public sealed class StateTests
{
    private static readonly string[] Scenarios =
    [
        "heap", "stack", "private-file", "shared-file", "copy-on-write", "protections", "locked", "locked-future",
        "registers", "registers-in-calls", "registers-in-faults", "segment-bases", "control-words",
        "offsets", "flags", "directory", "places", "locks", "owner",
        "credentials", "limits", "names-and-priorities",
        "handlers", "pending", "inside-handler", "stopped", "interval-timer", "single-timer", "processor-timers",
        "zombies", "orphan", "sessions",
        "pipe-contents", "pipe-reader", "pipe-writer", "pipe-pieces", "pipe-packets", "pipe-size", "pipe-shared", "fifo", "pipe-stream",
        "shared-anonymous", "shared-busy", "shared-grown", "shared-semaphore", "memory-file", "memory-file-mapped", "memory-file-sealed", "memory-unlinked", "memory-tree", "memory-tree-open", "posix-shared", "segment", "segment-removed", "semaphores", "messages",
        "threads", "futexes", "robust-mutex", "thread-signal", "thread-churn",
    ];

    private WitnessGuest _guest = null!;

    /// <summary>One boot, one death.</summary>
    [OneTimeSetUp]
    public void Die()
    {
        _guest = WitnessGuest.AtPrompt();
        _guest.StartAndWait(Scenarios);
        _guest.Pass(50_000_000);
        _guest.RunTo("hrtimer_interrupt"); // anywhere else it could be the code that a dying kernel itself needs
        TestContext.Progress.WriteLine($"killed at {_guest.Place}");
        _guest.Kill();
        _guest.WaitForGate();
        _guest.WaitForEnd();
    }

    [TestCaseSource(nameof(Scenarios))]
    public void Nothing_is_lost_of(string scenario) => Assert.That(_guest.Verdict(scenario), Is.EqualTo("ok"), _guest.Tail());

    [Test]
    public void No_process_is_given_up_or_degraded() =>
        Assert.That(_guest.Marks.Where(mark => mark.Name is "not-resurrected" or "degraded" or "reopen"), Is.Empty, _guest.Tail());
}
