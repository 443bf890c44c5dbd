using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Emu.X86.Tests.HostExecution;

/// <summary>
/// Undefined results are those of Intel's processors (docs/undefined.md); hosts of other vendors have their own. What they are known to do
/// differently is named here, and left out of comparisons on such hosts only.
/// </summary>
internal static class HostVendor
{
    /// <summary>The host's results hold for every instruction.</summary>
    internal static bool IsIntel { get; } = X86Base.IsSupported && Name == "GenuineIntel";

    private static string Name
    {
        get
        {
            (_, int ebx, int ecx, int edx) = X86Base.CpuId(0, 0);
            return System.Text.Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>([ebx, edx, ecx]));
        }
    }

    /// <summary>SHLD and SHRD of 16 bits by more than 16: the result is undefined (SDM 2B).</summary>
    internal static bool DiffersInDoubleShift(in Instruction instruction, ulong rcx)
    {
        if (IsIntel || instruction.Mnemonic is not (Mnemonic.Shld or Mnemonic.Shrd) || instruction.Op1Register.GetSize() != 2)
            return false;
        return ((instruction.Op2Kind == OpKind.Register ? (byte)rcx : instruction.Immediate8) & 31) > 16;
    }

    /// <summary>0FH 0DH with a register: a hint without effect on Intel's processors, undefined on AMD's.</summary>
    internal static bool DiffersInHint(in Instruction instruction)
        => !IsIntel && instruction.Code is Code.Reservednop_rm16_r16_0F0D or Code.Reservednop_rm32_r32_0F0D or Code.Reservednop_rm64_r64_0F0D;

    /// <summary>DPPS: which of two NaN survives the sum depends on the order of additions.</summary>
    internal static bool DiffersInDotProduct(in Instruction instruction, UInt128 result)
    {
        if (IsIntel || instruction.Mnemonic != Mnemonic.Dpps)
            return false;
        for (int i = 0; i < 4; i++)
        {
            if (float.IsNaN(BitConverter.UInt32BitsToSingle((uint)(result >> (32 * i)))))
                return true;
        }

        return false;
    }

    /// <summary>FSCALE and FPREM with a tiny exact result: only AMD's processors report an unmasked underflow.</summary>
    /// <param name="mnemonic">The instruction, in small letters.</param>
    /// <param name="control">The control word.</param>
    /// <param name="status">The host's status word afterwards.</param>
    internal static bool DiffersInUnderflow(string mnemonic, ushort control, int status)
    {
        const int underflow = 0x10;
        return !IsIntel && mnemonic is "fscale" or "fprem" or "fprem1"
            && (control & underflow) == 0 && (status & underflow) != 0;
    }
}
