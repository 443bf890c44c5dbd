namespace Emu.Core.Time;

/// <summary>
/// The machine's only clock. The unit is the tick: one per retired instruction plus the ticks skipped while idle; one tick is one nanosecond
/// of guest time and one count of the TSC.
/// </summary>
/// <remarks>The processor stores the exact tick here before every access that leaves it (port, MMIO, MSR of a device) and when its run ends.</remarks>
public sealed class MachineClock
{
    /// <summary>Ticks since power-on, exact whenever device code runs.</summary>
    public ulong Now { get; set; }
}
