using System.Runtime.InteropServices;

namespace Emu.X86.Tests.HostExecution;

/// <summary>Registers loaded before and stored after the code under test, and the exception it raised, if any.</summary>
[StructLayout(LayoutKind.Explicit, Size = 672)]
public struct HostState
{
    /// <summary>The flags <see cref="HostCode.Run"/> loads: CF PF AF ZF SF DF OF.</summary>
    public const ulong LoadedFlags = 0xcd5;

    [FieldOffset(0)] public HostGprs Gpr;
    [FieldOffset(128)] public ulong Rflags;
    /// <summary>Exception vector, or -1 when the code ran to its end.</summary>
    [FieldOffset(136)] public int Vector;
    [FieldOffset(140)] public uint ErrorCode;
    [FieldOffset(144)] public ulong FaultRip;
    /// <summary>CR2 as the kernel reports it; meaningful for vector 14 only.</summary>
    [FieldOffset(152)] public ulong FaultAddress;
    [FieldOffset(160)] public HostFxImage Fx;
}
