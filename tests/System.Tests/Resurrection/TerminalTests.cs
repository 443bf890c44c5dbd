namespace System.Tests.Resurrection;

/// <summary>Pseudo-terminals, with what was under way in them and the sessions behind them, all in one death.</summary>
/// <param name="moment">Guest nanoseconds from the moment all are ready to the death.</param>
[TestFixture(1_000_000ul)]
[TestFixture(50_000_000ul)]
public sealed class TerminalTests(ulong moment)
{
    private static readonly string[] Scenarios =
    [
        "pty-contents", "pty-line", "pty-settings", "pty-numbers", "pty-closed", "pty-talk", "pty-writer", "pty-raw-writer", "pty-jobs", "pty-shell",
    ];

    private SharedDeath _death = null!;

    /// <summary>Nobody is in the middle of a call but asleep.</summary>
    [OneTimeSetUp]
    public void Die() => _death = new SharedDeath(Scenarios, moment, "arch_cpu_idle");

    [TestCaseSource(nameof(Scenarios))]
    public void Nothing_is_lost_of(string scenario) => _death.AssertNothingIsLostOf(scenario);

    [Test]
    public void No_process_is_given_up_or_degraded() => _death.AssertNobodyIsGivenUpOrDegraded();
}
