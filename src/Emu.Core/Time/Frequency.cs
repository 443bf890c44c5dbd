namespace Emu.Core.Time;

/// <summary>A clock derived from ticks by integer arithmetic, so that it never drifts: its edge n lies at tick ceil(n * 10^9 / f).</summary>
/// <param name="Hertz">Counts in a second of guest time.</param>
public readonly record struct Frequency(ulong Hertz)
{
    /// <summary>The 8254's input: 1.193182 MHz.</summary>
    public static Frequency Pit => new(1_193_182);

    /// <summary>The ACPI power-management timer: 3.579545 MHz (ACPI 6.5, 4.8.3.3).</summary>
    public static Frequency PmTimer => new(3_579_545);

    /// <summary>The clock crystal's 32.768 kHz.</summary>
    public static Frequency Crystal => new(32_768);

    /// <summary>Edges that have happened up to and including <paramref name="tick"/>.</summary>
    public ulong CountAt(ulong tick) => (ulong)((UInt128)tick * Hertz / MachineClock.TicksPerSecond);

    /// <summary>The tick of edge <paramref name="count"/>.</summary>
    public ulong TickOf(ulong count) => (ulong)(((UInt128)count * MachineClock.TicksPerSecond + (Hertz - 1)) / Hertz);
}
