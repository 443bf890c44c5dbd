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
        "inotify-watches", "inotify-nameless", "inotify-reader",
    ];

    private SharedDeath _death = null!;

    /// <summary>As <see cref="StateTests"/> do.</summary>
    [OneTimeSetUp]
    public void Die() => _death = new SharedDeath(Scenarios, 50_000_000, "hrtimer_interrupt");

    [TestCaseSource(nameof(Scenarios))]
    public void Nothing_is_lost_of(string scenario) => _death.AssertNothingIsLostOf(scenario);

    [Test]
    public void No_process_is_given_up_or_degraded() => _death.AssertNobodyIsGivenUpOrDegraded();
}
