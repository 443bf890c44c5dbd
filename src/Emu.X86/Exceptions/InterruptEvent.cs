namespace Emu.X86.Exceptions;

/// <summary>What is to be delivered through the IDT.</summary>
/// <param name="Vector">0 to 255.</param>
/// <param name="Software">INT n, INT3 or INTO: the gate's DPL counts, and nested faults do not carry EXT.</param>
/// <param name="HasError">An error code is pushed where the mode has them.</param>
/// <param name="ErrorCode">The error code.</param>
/// <param name="ReturnRip">RIP to push.</param>
/// <param name="Flags">RFLAGS to push.</param>
/// <param name="Tick">The tick at which the processor leaves what it was doing.</param>
internal readonly record struct InterruptEvent(byte Vector, bool Software, bool HasError, uint ErrorCode, ulong ReturnRip, ulong Flags, ulong Tick)
{
    /// <summary>EXT of error codes that arise while this is delivered (SDM 3A 6.13).</summary>
    internal uint External => Software ? 0u : 1u;

    /// <summary>Error code that names the gate: the vector, IDT and EXT.</summary>
    internal uint GateError => ((uint)Vector << 3) | 2 | External;
}
