namespace Emu.Core.Machine;

/// <summary>Something from outside that reaches the machine at an exact tick.</summary>
/// <param name="Tick">When.</param>
/// <param name="Source">Where it enters.</param>
/// <param name="Bytes">What, as far as the source carries bytes.</param>
public readonly record struct InputEvent(ulong Tick, InputSource Source, ReadOnlyMemory<byte> Bytes);
