namespace System.Tests.Resurrection;

/// <summary>One boot and one death for many scenarios of the witness.</summary>
internal sealed class SharedDeath
{
    private readonly WitnessGuest _guest;

    /// <summary>Starts the scenarios, lets them work, kills the kernel, and waits until all have said how they went.</summary>
    /// <param name="scenarios">Their names.</param>
    /// <param name="moment">Guest nanoseconds from the moment all are ready.</param>
    /// <param name="symbol">The kernel function whose first instruction after that is the last.</param>
    public SharedDeath(IReadOnlyList<string> scenarios, ulong moment, string symbol)
    {
        _guest = WitnessGuest.AtPrompt();
        _guest.StartAndWait(scenarios);
        _guest.Pass(moment);
        _guest.RunTo(symbol);
        _guest.Kill();
        _guest.WaitForGate();
        _guest.WaitForEnd();
    }

    /// <summary>A scenario found everything as it was.</summary>
    public void AssertNothingIsLostOf(string scenario) => Assert.That(_guest.Verdict(scenario), Is.EqualTo("ok"), _guest.Tail());

    /// <summary>Every process came back whole.</summary>
    public void AssertNobodyIsGivenUpOrDegraded() =>
        Assert.That(_guest.Marks.Where(mark => mark.Name is "not-resurrected" or "degraded" or "reopen"), Is.Empty, _guest.Tail());
}
