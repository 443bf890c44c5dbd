using System.Runtime.CompilerServices;
using Emu.X86.Decode;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>Addresses that handlers form themselves: string instructions, XLAT, the stack of legacy modes.</summary>
internal static unsafe class SegmentedAddress
{
    /// <summary>Cuts an offset to the address size (2, 4 or 8 bytes).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Truncate(ulong offset, int size) => size switch { 2 => (ushort)offset, 4 => (uint)offset, _ => offset };

    /// <summary>Linear address of an offset in a segment: flat but for FS and GS in 64-bit mode, checked otherwise.</summary>
    /// <returns>False for #GP(0) or #SS(0), recorded.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryLinear(Cpu* cpu, SegmentIndex segment, ulong offset, int size, bool write, out ulong linear)
    {
        if (!cpu->Is64Bit)
            return AddressGeneration.TrySegment(cpu, segment, offset, size, write, out linear);
        linear = segment >= SegmentIndex.Fs ? cpu->State.Segments[(int)segment].Base + offset : offset;
        return true;
    }
}
