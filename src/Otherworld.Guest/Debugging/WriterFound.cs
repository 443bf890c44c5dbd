namespace Otherworld.Guest.Debugging;

/// <summary>An instruction that wrote to memory.</summary>
/// <param name="InstructionCount">Instructions retired before it.</param>
/// <param name="Tick">When.</param>
/// <param name="Rip">Where.</param>
public readonly record struct WriterFound(ulong InstructionCount, ulong Tick, ulong Rip);
