namespace Emu.Core.Replay;

/// <summary>The first thing in which a replay is not the run that was recorded.</summary>
/// <param name="Tick">When it was seen.</param>
/// <param name="InstructionCount">The replay's instructions there.</param>
/// <param name="LastEqualTick">The last moment at which everything compared was equal.</param>
/// <param name="Where">A field by name, for example <c>cpu.Gpr[3]</c>, or <c>memory</c>.</param>
/// <param name="Recorded">What it was.</param>
/// <param name="Replayed">What it is.</param>
public sealed record Divergence(ulong Tick, ulong InstructionCount, ulong LastEqualTick, string Where, string Recorded, string Replayed);
