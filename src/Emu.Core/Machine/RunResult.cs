namespace Emu.Core.Machine;

/// <summary>How a run ended.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Value">What came with it, for example the value written to isa-debug-exit.</param>
public readonly record struct RunResult(StopReason Reason, uint Value = 0);
