namespace System.Tests.Resurrection;

/// <summary>Descriptors that count, tell of signals or time, and watch each other, and processes asleep at them, in one death.</summary>
[TestFixture]
public sealed class DescriptorTests
{
    private static readonly string[] Scenarios =
    [
        "eventfd-count", "eventfd-semaphore", "eventfd-sleepers",
        "timerfd-once", "timerfd-interval", "timerfd-idle",
        "signalfd-pending", "signalfd-reader",
        "epoll-level", "epoll-edge", "epoll-oneshot", "epoll-nested", "epoll-moved", "epoll-shared", "epoll-sleepers", "epoll-loop",
        "timer-once", "timer-interval", "timer-pending", "timer-processor",
    ];

    private WitnessGuest _guest = null!;

    /// <summary>One boot, one death.</summary>
    [OneTimeSetUp]
    public void Die()
    {
        _guest = WitnessGuest.AtPrompt();
        _guest.StartAndWait(Scenarios);
        _guest.Pass(50_000_000);
        _guest.RunToKernelMode();
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
