using Otherworld.Guest.Consoles;
using Otherworld.Guest.Experiments;

namespace Otherworld.Guest.Outages;

/// <summary>How long the user of an application waited after one death of its kernel, and would have waited for a reboot.</summary>
/// <param name="App">The application.</param>
/// <param name="Seed">Drew the kind and the point of the death.</param>
/// <param name="Kind">How the kernel was killed.</param>
/// <param name="Symbol">Where.</param>
/// <param name="Problem">Why the application did not come back; null if it did.</param>
/// <param name="Waits">From the death on, with resurrection.</param>
/// <param name="Reboot">From power-on to the first answer of the application, started anew on the disk that the dead kernel left; null if there was none.</param>
public sealed record Outage(DemoApp App, ulong Seed, string Kind, string Symbol, string? Problem, WaitTimes Waits, Moment? Reboot)
{
    /// <summary>What was read of the dead kernel; null if it has no successor.</summary>
    public DeadReads? BytesRead { get; init; }
}
