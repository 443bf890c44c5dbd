namespace Emu.Core.Worlds;

/// <summary>A frame that is under way.</summary>
/// <param name="Arrival">The tick at which it reaches the other card.</param>
/// <param name="Frame">Its bytes.</param>
public readonly record struct Transit(ulong Arrival, ReadOnlyMemory<byte> Frame);
