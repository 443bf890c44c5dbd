using System.Runtime.InteropServices;
using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>The 512-byte image of FXSAVE, which is also the legacy region of XSAVE. SDM 1, table 10-2 and 13.5.1.</summary>
[StructLayout(LayoutKind.Explicit, Size = 512)]
internal unsafe struct FxImage
{
    /// <summary>MXCSR bits that exist.</summary>
    internal const uint MxcsrMask = 0xFFFF;

    internal const int MxcsrOffset = 24;
    internal const int RegistersOffset = 32;
    internal const int XmmOffset = 160;

    [FieldOffset(0)] internal ushort Fcw;
    [FieldOffset(2)] internal ushort Fsw;
    [FieldOffset(4)] internal byte AbridgedTags;
    [FieldOffset(6)] internal ushort Fop;
    [FieldOffset(8)] internal ulong Fip;
    [FieldOffset(16)] internal ulong Fdp;
    [FieldOffset(24)] internal uint Mxcsr;
    [FieldOffset(28)] internal uint MxcsrMaskField;
    [FieldOffset(32)] internal fixed ulong St[16];
    [FieldOffset(160)] internal fixed ulong Xmm[32];

    /// <summary>Fills in the x87 part. Without REX.W the pointers are 32-bit offsets; their selectors are always zero (CPUID.7.EBX, bit 13).</summary>
    internal void TakeX87(Cpu* cpu, bool wide)
    {
        ref CpuState state = ref cpu->State;
        Fcw = state.Fcw;
        Fsw = state.Fsw;
        Fop = state.Fop;
        Fip = wide ? state.Fip : (uint)state.Fip;
        Fdp = wide ? state.Fdp : (uint)state.Fdp;
        int tags = 0;
        for (int i = 0; i < 8; i++)
        {
            tags |= (state.Ftw >> (2 * i) & 3) == X87Unit.Empty ? 0 : 1 << i;
            ulong* register = X87Unit.Register(cpu, X87Unit.Physical(cpu, i));
            St[2 * i] = register[0];
            St[2 * i + 1] = (ushort)register[1];
        }

        AbridgedTags = (byte)tags;
    }

    /// <summary>Loads the x87 part into the processor.</summary>
    internal readonly void PutX87(Cpu* cpu, bool wide)
    {
        ref CpuState state = ref cpu->State;
        state.Fsw = Fsw;
        state.Fop = (ushort)(Fop & 0x7FF);
        state.Fip = wide ? Fip : (uint)Fip;
        state.Fdp = wide ? Fdp : (uint)Fdp;
        int tags = 0;
        for (int i = 0; i < 8; i++)
        {
            tags |= (AbridgedTags >> i & 1) == 0 ? 3 << (2 * i) : 0;
            ulong* register = X87Unit.Register(cpu, X87Unit.Physical(cpu, i));
            register[0] = St[2 * i];
            register[1] = (ushort)St[2 * i + 1];
        }

        state.Ftw = (ushort)tags;
        X87Control.SetControl(cpu, Fcw);
    }

    /// <summary>Fills in the XMM registers that exist in this mode.</summary>
    internal void TakeXmm(Cpu* cpu)
    {
        for (int i = 0; i < XmmWords(cpu); i++)
            Xmm[i] = cpu->State.Xmm[i];
    }

    /// <summary>Loads the XMM registers that exist in this mode.</summary>
    internal readonly void PutXmm(Cpu* cpu)
    {
        for (int i = 0; i < XmmWords(cpu); i++)
            cpu->State.Xmm[i] = Xmm[i];
    }

    /// <summary>Quadwords of XMM registers in this mode.</summary>
    internal static int XmmWords(Cpu* cpu) => cpu->Is64Bit ? 32 : 16;
}
