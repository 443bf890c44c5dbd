using Emu.X86.Cpuid;
using Emu.X86.State;

namespace Emu.X86;

/// <summary>Register values after power-on and INIT (SDM 3A, table 10-1).</summary>
internal static unsafe class ProcessorReset
{
    internal static void PowerOn(ref CpuState state, ulong seed)
    {
        Common(ref state);
        state.Fcw = 0x40;
        state.Ftw = 0x5555;
        state.Mxcsr = 0x1F80;
        state.Xcr0 = 1;
        state.Pat = 0x0007_0406_0007_0406;
        state.MiscEnable = 1;
        state.RandomState = seed;
    }

    internal static void Init(ref CpuState state)
    {
        CpuState kept = state;
        Common(ref state);
        state.Cr0 |= kept.Cr0 & (ControlBits.Cr0Cd | ControlBits.Cr0Nw);
    }

    private static void Common(ref CpuState state)
    {
        for (int i = 0; i < 16; i++)
            state.Gpr[i] = 0;
        state.Gpr[(int)GeneralRegister.Rdx] = CpuidTable.Signature;
        state.Rip = 0xFFF0;
        state.Rflags = Rflags.Fixed;
        for (int i = 0; i < 8; i++)
        {
            bool system = i is (int)SegmentIndex.Ldtr or (int)SegmentIndex.Tr;
            SegmentAttributes type = (SegmentAttributes)(i == (int)SegmentIndex.Ldtr ? 2 : i == (int)SegmentIndex.Tr ? 0xB : 3);
            state.Segments[i] = new SegmentRegister
            {
                Limit = 0xFFFF,
                Attributes = type | SegmentAttributes.Present | (system ? SegmentAttributes.None : SegmentAttributes.CodeOrData),
            };
        }

        state.Segments[(int)SegmentIndex.Cs].Selector = 0xF000;
        state.Segments[(int)SegmentIndex.Cs].Base = 0xFFFF_0000;
        state.Gdtr = new DescriptorTable { Limit = 0xFFFF };
        state.Idtr = new DescriptorTable { Limit = 0xFFFF };
        state.Cr0 = 0x6000_0010;
        state.Cr2 = state.Cr3 = state.Cr4 = state.Efer = 0;
        for (int i = 0; i < 4; i++)
            state.Dr[i] = 0;
        state.Dr6 = 0xFFFF_0FF0;
        state.Dr7 = 0x400;
        state.InterruptShadow = state.NmiBlocked = state.Halted = state.Cpl = 0;
        state.PendingDebug = 0;
        state.ExceptionTick = state.ExceptionsAtTick = 0;
    }
}
