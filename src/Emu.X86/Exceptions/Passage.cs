namespace Emu.X86.Exceptions;

/// <summary>One entry into a handler or a kernel, or one return from it. The processor's registers are those behind it, all but RIP.</summary>
/// <param name="Kind">How.</param>
/// <param name="Tick">When, at the boundary behind it.</param>
/// <param name="From">RIP as it was saved; for a return, behind the instruction.</param>
/// <param name="To">RIP from here on.</param>
/// <param name="Vector">Of a delivery; otherwise 0.</param>
/// <param name="ErrorCode">Of a delivery with one; otherwise 0.</param>
/// <param name="Frame">In IA-32e mode, where on the stack a delivery put RIP, or IRET took it from; otherwise 0.</param>
public readonly record struct Passage(PassageKind Kind, ulong Tick, ulong From, ulong To, byte Vector = 0, uint ErrorCode = 0, ulong Frame = 0);
