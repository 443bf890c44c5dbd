using System.Runtime.InteropServices;

namespace Emu.X86.State;

/// <summary>Numbers of the registers that can be set from outside (<see cref="Emu.Core.Machine.RegisterPatch"/>): first the general ones, in the order of <see cref="GeneralRegister"/>.</summary>
public static class PatchableRegister
{
    /// <summary>RIP.</summary>
    public const ushort Rip = 16;

    /// <summary>RFLAGS: what POPF may change at CPL 0, but not VM, which would be another mode.</summary>
    public const ushort Rflags = 17;

    /// <summary>Base of FS.</summary>
    public const ushort FsBase = 18;

    /// <summary>Base of GS.</summary>
    public const ushort GsBase = 19;

    /// <summary>IA32_KERNEL_GS_BASE.</summary>
    public const ushort KernelGsBase = 20;

    /// <summary>CR2.</summary>
    public const ushort Cr2 = 21;

    /// <summary>The low half of XMM0; its high half and those of XMM1 to XMM15 follow.</summary>
    public const ushort Xmm0Low = 32;

    /// <summary>Behind the last half of an XMM register.</summary>
    public const ushort End = Xmm0Low + 32;

    /// <summary>The significand of R0, wherever TOP is; its sign and exponent (2 bytes), and those of R1 to R7 follow.</summary>
    public const ushort X87Low = End;

    /// <summary>Behind the last one.</summary>
    public const ushort X87End = X87Low + 16;

    private const ulong WritableFlags = 0x0024_7FD5;

    /// <summary>Puts a value into a processor's state.</summary>
    internal static void Set(ref CpuState state, int number, ulong value)
    {
        switch (number)
        {
            case Rip:
                state.Rip = value;
                break;
            case Rflags:
                state.Rflags = (state.Rflags & ~WritableFlags) | (value & WritableFlags);
                break;
            case FsBase or GsBase:
                state.Segments[(int)(number == FsBase ? SegmentIndex.Fs : SegmentIndex.Gs)].Base = value;
                break;
            case KernelGsBase:
                state.KernelGsBase = value;
                break;
            case Cr2:
                state.Cr2 = value;
                break;
            case >= X87Low:
                Span<byte> half = MemoryMarshal.AsBytes(state.X87Registers())[((number - X87Low) * 8)..];
                if ((number & 1) == 0)
                    MemoryMarshal.Write(half, in value);
                else
                    MemoryMarshal.Write(half, (ushort)value);
                break;
            case >= Xmm0Low:
                state.XmmRegisters()[number - Xmm0Low] = value;
                break;
            default:
                state.Registers()[number] = value;
                break;
        }
    }
}
