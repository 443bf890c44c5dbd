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
        "tcp-pair", "tcp-backlog", "tcp-half", "tcp-writer", "tcp-sleepers", "tcp-talk",
        "udp-queue", "udp-sleeper",
    ];

    private WitnessGuest _guest = null!;

    /// <summary>One boot, one death.</summary>
    [OneTimeSetUp]
    public void Die()
    {
        _guest = WitnessGuest.AtPrompt();
        _guest.StartAndWait(Scenarios);
        _guest.Pass(moment);
        _guest.RunTo("arch_cpu_idle"); // nobody is in the middle of a call but asleep: CallTests kills those who run
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
