using System.Runtime.InteropServices;
using Emu.X86.State;
using Iced.Intel;

namespace Emu.X86.Tests.Rows;

/// <summary>General registers, XMM registers and MMX registers as one row of bytes, so that "which part of which register" is a range.</summary>
internal static unsafe class RegisterImage
{
    private const int XmmStart = 16 * 8;
    private const int MmStart = XmmStart + (16 * 16);

    /// <summary>Bytes of an image.</summary>
    internal const int Size = MmStart + (8 * 8);

    internal static byte[] Take(ref CpuState state)
    {
        byte[] image = new byte[Size];
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(image.AsSpan());
        for (int i = 0; i < 16; i++)
            words[i] = state.Gpr[i];
        for (int i = 0; i < 32; i++)
            words[(XmmStart / 8) + i] = state.Xmm[i];
        for (int i = 0; i < 8; i++)
            words[(MmStart / 8) + i] = state.X87[2 * i];
        return image;
    }

    internal static void Put(ref CpuState state, ReadOnlySpan<byte> image)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(image);
        for (int i = 0; i < 16; i++)
            state.Gpr[i] = words[i];
        for (int i = 0; i < 32; i++)
            state.Xmm[i] = words[(XmmStart / 8) + i];
        for (int i = 0; i < 8; i++)
        {
            state.X87[2 * i] = words[(MmStart / 8) + i];
            state.X87[(2 * i) + 1] = 0xFFFF; // as MMX leaves them
        }
    }

    /// <summary>The bytes of a register; empty for those that are not in the image (segments, ST, control registers).</summary>
    /// <param name="register">As Iced names it.</param>
    /// <param name="written">A write to a 32-bit register clears the upper half.</param>
    internal static Range BytesOf(Register register, bool written)
    {
        int size = register.GetSize();
        if (register is >= Register.AH and <= Register.BH)
            return Of(((register - Register.AH) * 8) + 1, 1);
        if (register.IsGPR())
            return Of((register.GetFullRegister() - Register.RAX) * 8, written && size == 4 ? 8 : size);
        if (register.IsXMM())
            return Of(XmmStart + ((register - Register.XMM0) * 16), 16);
        return register.IsMM() ? Of(MmStart + ((register - Register.MM0) * 8), 8) : Of(0, 0);
    }

    /// <summary>A byte of an image, for people.</summary>
    internal static string NameOf(int offset) => offset switch
    {
        < XmmStart => $"{(GeneralRegister)(offset / 8)} byte {offset % 8}",
        < MmStart => $"XMM{(offset - XmmStart) / 16} byte {offset % 16}",
        _ => $"MM{(offset - MmStart) / 8} byte {offset % 8}",
    };

    private static Range Of(int start, int length) => start..(start + length);
}
