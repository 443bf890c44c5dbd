using Emu.Core.State;

namespace Emu.Core.Time;

/// <summary>
/// The machine's only clock. The unit is the tick: one per retired instruction plus the ticks skipped while idle; one tick is one nanosecond
/// of guest time and one count of the TSC.
/// </summary>
/// <remarks>The processor stores the exact tick here before every access that leaves it (port, MMIO, MSR of a device) and when its run ends.</remarks>
public sealed class MachineClock() : Device<MachineClock.State>("clock")
{
    /// <summary>Ticks in one second of guest time.</summary>
    public const ulong TicksPerSecond = 1_000_000_000;

    /// <summary>Ticks since power-on, exact whenever device code runs.</summary>
    public ulong Now
    {
        get => S.Now;
        set => S.Now = value;
    }

    /// <inheritdoc/>
    public override void Reset() => S = default;

    /// <summary>The clock.</summary>
    public struct State
    {
        public ulong Now;
    }
}
