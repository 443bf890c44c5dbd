using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>RDMSR and WRMSR. SDM 2B; the registers: SDM 4.</summary>
internal static unsafe class MsrOps
{
    internal static void Add(RowBuilder rows)
    {
        rows.Add("Rdmsr", &Rdmsr);
        rows.Add("Wrmsr", &Wrmsr);
    }

    private static Op* Rdmsr(Cpu* cpu, Op* op)
    {
        if (!Privilege.IsKernel(cpu))
            return Privilege.Protect(cpu, op);
        uint msr = (uint)*cpu->Gpr(GeneralRegister.Rcx);
        bool apic = IsApic(msr);
        ulong value;
        if (apic)
        {
            X86Processor processor = cpu->Processor;
            processor.EnterBus(op);
            if (!processor.Apic.TryReadMsr(msr, out value))
                return Unknown(cpu, op, msr, write: false);
            if (msr == Msr.TscDeadline && value != 0)
                value += cpu->State.TscAdjust;
        }
        else if (!TryRead(cpu, op, msr, out value))
        {
            return Unknown(cpu, op, msr, write: false);
        }

        *cpu->Gpr(GeneralRegister.Rax) = (uint)value;
        *cpu->Gpr(GeneralRegister.Rdx) = value >> 32;
        return Leave.Next(cpu, op);
    }

    private static Op* Wrmsr(Cpu* cpu, Op* op)
    {
        if (!Privilege.IsKernel(cpu))
            return Privilege.Protect(cpu, op);
        uint msr = (uint)*cpu->Gpr(GeneralRegister.Rcx);
        ulong value = (uint)*cpu->Gpr(GeneralRegister.Rax) | (*cpu->Gpr(GeneralRegister.Rdx) << 32);
        if (IsApic(msr))
            return WriteApic(cpu, op, msr, value);
        switch (msr)
        {
            case Msr.FsBase or Msr.GsBase or Msr.KernelGsBase:
                if (!Mmu.IsCanonical(value))
                    return Privilege.Protect(cpu, op);
                if (msr == Msr.KernelGsBase)
                    cpu->State.KernelGsBase = value;
                else
                    cpu->State.Segments[(int)(msr == Msr.FsBase ? SegmentIndex.Fs : SegmentIndex.Gs)].Base = value;
                return op[1].Fn(cpu, op + 1);
            case Msr.Efer:
                return ControlUnit.TrySetEfer(cpu, value) ? Leave.After(cpu, op) : Leave.Fault(cpu, op);
            case Msr.TimeStampCounter:
                cpu->State.TscAdjust = value - cpu->TickAt(op);
                return op[1].Fn(cpu, op + 1);
            default:
                return MsrFile.TryWrite(ref cpu->State, msr, value, out bool known) ? op[1].Fn(cpu, op + 1) : Refuse(cpu, op, msr, known);
        }
    }

    private static bool IsApic(uint msr) => msr is Msr.ApicBase or Msr.TscDeadline or (>= Msr.X2ApicFirst and <= Msr.X2ApicLast);

    private static bool TryRead(Cpu* cpu, Op* op, uint msr, out ulong value)
    {
        switch (msr)
        {
            case Msr.FsBase:
                value = cpu->State.Segments[(int)SegmentIndex.Fs].Base;
                return true;
            case Msr.GsBase:
                value = cpu->State.Segments[(int)SegmentIndex.Gs].Base;
                return true;
            case Msr.TimeStampCounter:
                value = cpu->TickAt(op) + cpu->State.TscAdjust;
                return true;
            default:
                return MsrFile.TryRead(ref cpu->State, msr, out value);
        }
    }

    /// <summary>The timer compares with the machine's clock, which the guest sees shifted by IA32_TSC_ADJUST (SDM 3A 10.5.4.1).</summary>
    private static Op* WriteApic(Cpu* cpu, Op* op, uint msr, ulong value)
    {
        X86Processor processor = cpu->Processor;
        processor.EnterBus(op);
        if (msr == Msr.TscDeadline && value != 0)
            value = value > cpu->State.TscAdjust || (long)cpu->State.TscAdjust < 0 ? value - cpu->State.TscAdjust : 1;
        if (!processor.Apic.TryWriteMsr(msr, value))
            return Unknown(cpu, op, msr, write: true);
        cpu->InterruptPending = processor.Apic.Pending;
        return Leave.After(cpu, op);
    }

    private static Op* Unknown(Cpu* cpu, Op* op, uint msr, bool write)
    {
        cpu->Processor.Report.UnknownMsr(msr, write);
        return Privilege.Protect(cpu, op);
    }

    private static Op* Refuse(Cpu* cpu, Op* op, uint msr, bool known) => known ? Privilege.Protect(cpu, op) : Unknown(cpu, op, msr, write: true);
}
