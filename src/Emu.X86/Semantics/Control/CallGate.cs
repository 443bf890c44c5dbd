namespace Emu.X86.Semantics.Control;

/// <summary>A call gate that may be used: where it leads, how it pushes (SDM 3A 5.8.3).</summary>
/// <param name="Selector">Code segment.</param>
/// <param name="Offset">Entry point.</param>
/// <param name="Size">Bytes of each push: 2, 4 or 8.</param>
/// <param name="Parameters">Parameters to copy to an inner stack.</param>
internal readonly record struct CallGate(ushort Selector, ulong Offset, int Size, int Parameters);
