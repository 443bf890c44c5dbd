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
        "credentials", "limits", "names-and-priorities", "schedule-by-deadline", "schedule-in-order", "seccomp-filters", "seccomp-thread", "seccomp-strict", "controls", "restartable",
        "handlers", "pending", "inside-handler", "stopped", "interval-timer", "single-timer", "processor-timers",
        "zombies", "orphan", "sessions",
        "pipe-contents", "pipe-reader", "pipe-writer", "pipe-pieces", "pipe-packets", "pipe-size", "pipe-shared", "fifo", "pipe-stream",
        "shared-anonymous", "shared-busy", "shared-grown", "shared-semaphore", "memory-file", "memory-file-mapped", "memory-file-sealed", "memory-unlinked", "memory-tree", "memory-tree-open", "posix-shared", "segment", "segment-removed", "semaphores", "messages", "mqueue-contents", "mqueue-left", "mqueue-notify", "mqueue-sleepers", "sysv-sleepers", "aio-context",
        "threads", "futexes", "robust-mutex", "thread-signal", "thread-churn", "leader-gone", "leader-gone-group",
    ];

    private SharedDeath _death = null!;

    /// <summary>Anywhere but in an interrupt it could be code that a dying kernel itself needs.</summary>
    [OneTimeSetUp]
    public void Die() => _death = new SharedDeath(Scenarios, 50_000_000, "hrtimer_interrupt");

    [TestCaseSource(nameof(Scenarios))]
    public void Nothing_is_lost_of(string scenario) => _death.AssertNothingIsLostOf(scenario);

    [Test]
    public void No_process_is_given_up_or_degraded() => _death.AssertNobodyIsGivenUpOrDegraded();
}
