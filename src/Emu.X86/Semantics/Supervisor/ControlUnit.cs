using Emu.X86.Exceptions;
using Emu.X86.Semantics.X87;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>Writes to CR0, CR3, CR4 and EFER with every check (SDM 3A 2.5, 4.1; 2B, MOV to control registers; 3A 10.8.5). False: #GP(0) is recorded.</summary>
internal static unsafe class ControlUnit
{
    private const ulong Cr0Defined = ControlBits.Cr0Pe | ControlBits.Cr0Mp | ControlBits.Cr0Em | ControlBits.Cr0Ts | ControlBits.Cr0Et | ControlBits.Cr0Ne
        | ControlBits.Cr0Wp | ControlBits.Cr0Am | ControlBits.Cr0Nw | ControlBits.Cr0Cd | ControlBits.Cr0Pg;

    private const ulong Cr4Defined = ControlBits.Cr4Tsd | ControlBits.Cr4De | ControlBits.Cr4Pse | ControlBits.Cr4Pae | ControlBits.Cr4Mce | ControlBits.Cr4Pge
        | ControlBits.Cr4Pce | ControlBits.Cr4Osfxsr | ControlBits.Cr4Osxmmexcpt | ControlBits.Cr4Fsgsbase | ControlBits.Cr4Pcide | ControlBits.Cr4Osxsave
        | ControlBits.Cr4Smep | ControlBits.Cr4Smap;

    private const ulong Cr4Paging = ControlBits.Cr4Pse | ControlBits.Cr4Pae | ControlBits.Cr4Pge | ControlBits.Cr4Pcide | ControlBits.Cr4Smep | ControlBits.Cr4Smap;

    /// <summary>In a value for CR3: the translations of its PCID still hold. Nobody can see whether the TLB went by it, but a model of one does.</summary>
    private const ulong KeepTranslations = 1UL << 63;

    private const ulong Cr3Reserved = ~((1UL << 40) - 1);

    internal static bool TrySetCr0(Cpu* cpu, ulong value)
    {
        ulong old = cpu->State.Cr0;
        bool paging = (value & ControlBits.Cr0Pg) != 0;
        bool wrong = value >> 32 != 0
            || (paging && (value & ControlBits.Cr0Pe) == 0)
            || (value & (ControlBits.Cr0Nw | ControlBits.Cr0Cd)) == ControlBits.Cr0Nw;
        value = (value & Cr0Defined) | ControlBits.Cr0Et;
        ulong efer = cpu->State.Efer;
        bool wasPaging = (old & ControlBits.Cr0Pg) != 0;
        if (paging && !wasPaging && (efer & ControlBits.EferLme) != 0)
        {
            bool longCode = (cpu->State.Segments[(int)SegmentIndex.Cs].Attributes & SegmentAttributes.Long) != 0;
            wrong |= (cpu->State.Cr4 & ControlBits.Cr4Pae) == 0 || longCode;
            efer |= ControlBits.EferLma;
        }
        else if (!paging && wasPaging)
        {
            wrong |= cpu->Is64Bit || (cpu->State.Cr4 & ControlBits.Cr4Pcide) != 0;
            efer &= ~ControlBits.EferLma;
        }

        if (wrong)
            return Fail(cpu);
        bool pae = paging && (cpu->State.Cr4 & ControlBits.Cr4Pae) != 0 && (efer & ControlBits.EferLma) == 0;
        if (pae && !wasPaging && !cpu->Processor.Mmu.TryLoadPointers(cpu->State.Cr3))
            return false;
        if ((value & ControlBits.Cr0Ne) != 0)
            FloatErrorPins.Release(cpu); // from here on errors are #MF
        cpu->State.Cr0 = value;
        cpu->State.Efer = efer;
        if (((old ^ value) & (ControlBits.Cr0Pg | ControlBits.Cr0Wp | ControlBits.Cr0Pe)) != 0)
            cpu->Processor.Mmu.PagingChanged();
        cpu->Processor.ModeChanged();
        return true;
    }

    internal static bool TrySetCr3(Cpu* cpu, ulong value)
    {
        bool longMode = (cpu->State.Efer & ControlBits.EferLma) != 0;
        bool keep = false;
        if (longMode)
        {
            if ((cpu->State.Cr4 & ControlBits.Cr4Pcide) != 0)
            {
                keep = (value & KeepTranslations) != 0;
                value &= ~KeepTranslations;
            }

            if ((value & Cr3Reserved) != 0)
                return Fail(cpu);
        }

        bool pae = (cpu->State.Cr0 & ControlBits.Cr0Pg) != 0 && (cpu->State.Cr4 & ControlBits.Cr4Pae) != 0 && !longMode;
        if (pae && !cpu->Processor.Mmu.TryLoadPointers(value))
            return false;
        ulong old = cpu->State.Cr3;
        cpu->State.Cr3 = value;
        cpu->Processor.Mmu.SwitchSpace(old, value);
        if (!keep)
            cpu->Processor.Mmu.InvalidateSpace();
        return true;
    }

    internal static bool TrySetCr4(Cpu* cpu, ulong value)
    {
        ulong old = cpu->State.Cr4;
        bool longMode = (cpu->State.Efer & ControlBits.EferLma) != 0;
        ulong changed = old ^ value;
        bool wrong = (value & ~Cr4Defined) != 0
            || (longMode && (value & ControlBits.Cr4Pae) == 0)
            || ((changed & value & ControlBits.Cr4Pcide) != 0 && (!longMode || (cpu->State.Cr3 & 0xFFF) != 0));
        if (wrong)
            return Fail(cpu);
        bool pae = (cpu->State.Cr0 & ControlBits.Cr0Pg) != 0 && (value & ControlBits.Cr4Pae) != 0 && !longMode;
        const ulong reload = ControlBits.Cr4Pae | ControlBits.Cr4Pge | ControlBits.Cr4Pse | ControlBits.Cr4Smep;
        if (pae && (changed & reload) != 0 && !cpu->Processor.Mmu.TryLoadPointers(cpu->State.Cr3))
            return false;
        cpu->State.Cr4 = value;
        if ((changed & Cr4Paging) != 0)
            cpu->Processor.Mmu.PagingChanged();
        cpu->Processor.ModeChanged();
        return true;
    }

    internal static bool TrySetEfer(Cpu* cpu, ulong value)
    {
        ulong old = cpu->State.Efer;
        const ulong defined = ControlBits.EferSce | ControlBits.EferLme | ControlBits.EferLma | ControlBits.EferNxe;
        bool paging = (cpu->State.Cr0 & ControlBits.Cr0Pg) != 0;
        if ((value & ~defined) != 0 || (paging && ((old ^ value) & ControlBits.EferLme) != 0))
            return Fail(cpu);
        cpu->State.Efer = (value & ~ControlBits.EferLma) | (old & ControlBits.EferLma);
        if (((old ^ value) & ControlBits.EferNxe) != 0)
            cpu->Processor.Mmu.PagingChanged();
        cpu->Processor.ModeChanged();
        return true;
    }

    private static bool Fail(Cpu* cpu)
    {
        cpu->Fault = new Fault(Vector.Gp);
        return false;
    }
}
