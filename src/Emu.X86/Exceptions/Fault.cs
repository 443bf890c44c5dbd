namespace Emu.X86.Exceptions;

/// <summary>A guest fault as a value: recorded in <see cref="State.Cpu.Fault"/>, never thrown.</summary>
/// <param name="Vector">Which exception.</param>
/// <param name="ErrorCode">Pushed when the vector has one.</param>
/// <param name="Address">The faulting linear address: CR2 for a page fault.</param>
public readonly record struct Fault(Vector Vector, uint ErrorCode = 0, ulong Address = 0);
