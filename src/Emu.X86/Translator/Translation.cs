using System.Runtime.InteropServices;
using Emu.X86.Interpreter;

namespace Emu.X86.Translator;

/// <summary>Stands in front of each block's host code in the arena, so that every host address leads to its block.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Translation
{
    /// <summary>The block.</summary>
    public Block* Block;

    /// <summary>Bytes of host code, which follow this structure.</summary>
    public int Bytes;

    private readonly int _reserved;

    /// <summary>The first byte of host code: the stub call for a low budget.</summary>
    internal static byte* Code(Translation* translation) => (byte*)(translation + 1);
}
