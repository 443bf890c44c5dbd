using System.Runtime.InteropServices;

namespace Emu.X86.Interpreter;

/// <summary>Header of a decoded basic block; its ops follow it in memory. Lives in the block arena until the arena is emptied whole.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
public unsafe struct Block
{
    /// <summary>RAM offset of the first byte.</summary>
    public ulong Start;

    /// <summary>RAM offset of the second page's first byte for a block whose first instruction crosses into it; else <see cref="ulong.MaxValue"/>.</summary>
    public ulong Second;

    /// <summary>Next block in the same hash bucket.</summary>
    public Block* HashNext;

    /// <summary>Next block of the same frame (and of the second frame).</summary>
    public Block* FrameNext;
    public Block* SecondFrameNext;

    /// <summary>Instructions (not ops) in the block, 1 to <see cref="BlockCache.MaxInstructions"/>.</summary>
    public int Count;

    /// <summary>Bytes of code.</summary>
    public ushort Bytes;

    /// <summary>Ops including pseudo ops.</summary>
    public ushort OpCount;

    /// <summary>Bitness (16, 32, 64) the bytes were decoded for.</summary>
    public byte Bitness;

    /// <summary>1 when the bytes changed after decoding.</summary>
    public byte Stale;

    /// <summary>1 when a breakpoint from outside lies at its first instruction.</summary>
    public byte Breakpoint;

    /// <summary>1 when host code was ever made of it: other host code may still lead to that.</summary>
    public byte WasTranslated;

    /// <summary>Ops there is room for.</summary>
    public ushort Room;
    private readonly ushort _reserved;

    /// <summary>Host code to which other blocks jump, or null (see Translator).</summary>
    public byte* Host;

    /// <summary>The first op.</summary>
    public static Op* Ops(Block* block) => (Op*)(block + 1);
}
