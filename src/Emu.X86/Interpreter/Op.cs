using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emu.X86.State;

namespace Emu.X86.Interpreter;

/// <summary>
/// One decoded instruction, or one pseudo instruction that the decoder put before it (address generation) or behind a block (its end).
/// An op runs by calling <see cref="Fn"/>, which ends by calling the next op's, or that of the next block's first op: a jump in optimised code.
/// </summary>
/// <remarks>Register operands are byte offsets into <see cref="Cpu"/>, so AH is RAX + 1 and "no base" is the offset of a zero.</remarks>
[StructLayout(LayoutKind.Sequential, Size = 64)]
public unsafe struct Op
{
    /// <summary>Handler. Returns null when the chain of blocks ends, with <see cref="Cpu.Exit"/> set; an op to be run next only when generated code was left, or from <see cref="PseudoOps.Stop"/>.</summary>
    public delegate*<Cpu*, Op*, Op*> Fn;

    /// <summary>Immediate, sign-extended to 64 bits as the instruction defines; for a direct branch the target relative to the block's start.</summary>
    public ulong Imm;

    /// <summary>Displacement; for a RIP-relative operand relative to the block's start (the base is then <see cref="Cpu.RipBase"/>).</summary>
    public ulong Disp;

    /// <summary>First operand when it is a register.</summary>
    public ushort Dst;

    /// <summary>Second operand when it is a register (or the first when the first operand is memory).</summary>
    public ushort Src;

    /// <summary>Base register of the memory operand.</summary>
    public ushort Base;

    /// <summary>Index register of the memory operand.</summary>
    public ushort Index;

    /// <summary>Shift of the index, 0 to 3.</summary>
    public byte Scale;

    /// <summary>Bytes of the instruction, 1 to 15; 0 for a pseudo op.</summary>
    public byte Length;

    /// <summary>Bytes from the start of the block to the instruction.</summary>
    public ushort Offset;

    /// <summary>Instructions from this one (included) to the end of the block.</summary>
    public ushort Remaining;

    /// <summary>The fast-path memory access.</summary>
    public Access Access;

    /// <summary>Taken successor within the same page, once known.</summary>
    public Block* Link;

    /// <summary>Successor when not taken, once known.</summary>
    public Block* LinkNext;

    /// <summary>Iced's <c>Code</c>.</summary>
    public ushort Code;

    /// <summary>Third register operand, condition, rounding immediate: as the row says.</summary>
    public ushort Extra;

    /// <summary>Segment of the memory operand (<see cref="SegmentIndex"/>).</summary>
    public byte Segment;

    /// <summary>Effective operand size in bytes where the handler asks (2, 4, 8).</summary>
    public byte OperandSize;

    /// <summary>Effective address size in bytes (2, 4, 8).</summary>
    public byte AddressSize;

    /// <summary>REP/REPE = 1, REPNE = 2, LOCK = 4.</summary>
    public byte Prefixes;

    /// <summary>Linear address of a memory operand without index: base + displacement.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong BasedAddress(Cpu* cpu) => *(ulong*)((byte*)cpu + Base) + Disp;

    /// <summary>Linear address of the memory operand: base + (index &lt;&lt; scale) + displacement.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Address(Cpu* cpu) => *(ulong*)((byte*)cpu + Base) + (*(ulong*)((byte*)cpu + Index) << Scale) + Disp;
}
