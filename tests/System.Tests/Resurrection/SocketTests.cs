namespace System.Tests.Resurrection;

/// <summary>Sockets, with what was in them, under way between them, and waiting at them: one scenario for each kind of thing, all of them in one death.</summary>
/// <param name="moment">Guest nanoseconds from the moment all are ready to the death.</param>
[TestFixture(1_000_000ul)]
[TestFixture(17_300_000ul)]
[TestFixture(50_000_000ul)]
public sealed class SocketTests(ulong moment)
{
    private static readonly string[] Scenarios =
    [
        "unix-pair", "unix-backlog", "unix-path", "unix-path-in-memory", "unix-unlinked", "unix-datagrams", "unix-packets", "unix-rights", "unix-sleepers", "unix-writer", "unix-talk",
        "tcp-pair", "tcp-backlog", "tcp-deferred", "tcp-half", "tcp-writer", "tcp-sleepers", "tcp-talk", "tcp-orphan", "tcp-closing", "tcp-last-ack", "tcp-waiting",
        "udp-queue", "udp-sleeper", "tcp-six", "six-deferred", "six-orphan", "six-closing", "six-last-ack", "six-waiting", "udp-six", "routes-six",
    ];

    private SharedDeath _death = null!;

    /// <summary>Nobody is in the middle of a call but asleep: CallTests kills those who run.</summary>
    [OneTimeSetUp]
    public void Die() => _death = new SharedDeath(Scenarios, moment, "arch_cpu_idle");

    [TestCaseSource(nameof(Scenarios))]
    public void Nothing_is_lost_of(string scenario) => _death.AssertNothingIsLostOf(scenario);

    [Test]
    public void No_process_is_given_up_or_degraded() => _death.AssertNobodyIsGivenUpOrDegraded();
}
