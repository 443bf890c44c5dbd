using Otherworld.Guest.Consoles;

namespace System.Tests.Resurrection;

/// <summary>Processes asleep in a system call: what becomes of it is in docs/resurrection-syscalls.md.</summary>
[TestFixture]
public sealed class SleepTests
{
    private static readonly string[] Scenarios =
    [
        "sleeps", "sleeps-by-clock", "sleeps-until", "sleeps-on", "polls", "ppolls", "selects", "pselects", "pauses", "suspends",
        "waits-for-signal", "waits-for-child", "waits-by-id", "waits-on-futex", "waits-for-lock", "reads-terminal",
    ];

    private WitnessGuest _guest = null!;

    /// <summary>One death; half a line is typed on ttyS2 before it, the other half after it.</summary>
    [OneTimeSetUp]
    public void Die()
    {
        _guest = WitnessGuest.AtPrompt();
        _guest.StartAndWait(Scenarios);
        _guest.TypeOn(2, "before, ");
        _guest.Pass(50_000_000);
        _guest.RunToKernelMode();
        _guest.Kill();
        _guest.WaitForGate();
        _guest.Pass(50_000_000);
        _guest.TypeOn(2, "after\n");
        _guest.WaitForEnd();
    }

    [TestCaseSource(nameof(Scenarios))]
    public void The_call_goes_on_in(string scenario) => Assert.That(_guest.Verdict(scenario), Is.EqualTo("ok"), _guest.Tail());

    [Test]
    public void Each_process_was_in_a_call()
    {
        GuestMark[] asleep = [.. _guest.Marks.Where(mark => mark.Name == "resurrected" && mark.Values["comm"] == "witness")];
        Assert.That(asleep, Has.Length.GreaterThan(Scenarios.Length));
        Assert.That(asleep.Select(mark => mark.Values["call"]), Has.None.EqualTo("-1"), _guest.Tail());
    }
}
