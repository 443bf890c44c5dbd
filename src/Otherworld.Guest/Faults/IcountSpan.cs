namespace Otherworld.Guest.Faults;

/// <summary>A stretch of a run.</summary>
/// <param name="First">Instruction count before its first instruction.</param>
/// <param name="End">Instruction count behind its last one.</param>
public readonly record struct IcountSpan(ulong First, ulong End);
