using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>Control instructions: WAIT, FNINIT, FNCLEX, FLDCW, FNSTCW, FNSTSW, EMMS. SDM 2A.</summary>
internal static unsafe class X87Control
{
    /// <summary>WAIT is stopped by CR0.TS only together with CR0.MP, and not by CR0.EM. SDM 3A, table 2-2.</summary>
    internal static Op* Wait(Cpu* cpu, Op* op)
    {
        const ulong Both = ControlBits.Cr0Ts | ControlBits.Cr0Mp;
        if ((cpu->State.Cr0 & Both) == Both)
            return Leave.Fault(cpu, op, Vector.Nm);
        if ((cpu->State.Fsw & X87Unit.ErrorSummary) != 0)
            return X87Unit.RaisePending(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* Initialise(Cpu* cpu, Op* op)
    {
        if (cpu->X87Blocked != 0)
            return Leave.Fault(cpu, op, Vector.Nm);
        X87Unit.Initialise(cpu);
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* ClearExceptions(Cpu* cpu, Op* op)
    {
        if (cpu->X87Blocked != 0)
            return Leave.Fault(cpu, op, Vector.Nm);
        cpu->State.Fsw &= 0x7F00;
        FloatErrorPins.Release(cpu);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>FNENI, FNDISI, FNSETPM, FRSTPM do nothing since the 387.</summary>
    internal static Op* Nothing(Cpu* cpu, Op* op)
    {
        if (cpu->X87Blocked != 0)
            return Leave.Fault(cpu, op, Vector.Nm);
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* LoadControl(Cpu* cpu, Op* op)
    {
        if (!X87Unit.CanRun(cpu))
            return X87Unit.Raise(cpu, op);
        if (!Cpu.ForRead<ushort>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        SetControl(cpu, *(ushort*)source);
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* StoreControl(Cpu* cpu, Op* op)
    {
        if (cpu->X87Blocked != 0)
            return Leave.Fault(cpu, op, Vector.Nm);
        if (!Cpu.ForWrite<ushort>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        *(ushort*)target = cpu->State.Fcw;
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* StoreStatus(Cpu* cpu, Op* op)
    {
        if (cpu->X87Blocked != 0)
            return Leave.Fault(cpu, op, Vector.Nm);
        if (!Cpu.ForWrite<ushort>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        *(ushort*)target = cpu->State.Fsw;
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>FNSTSW AX.</summary>
    internal static Op* StatusToAx(Cpu* cpu, Op* op)
    {
        if (cpu->X87Blocked != 0)
            return Leave.Fault(cpu, op, Vector.Nm);
        *(ushort*)cpu->Gpr(GeneralRegister.Rax) = cpu->State.Fsw;
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>EMMS: all registers become empty.</summary>
    internal static Op* EmptyMmx(Cpu* cpu, Op* op)
    {
        if (!Simd.MmxPacked.CanRun(cpu))
            return Simd.MmxPacked.Raise(cpu, op);
        cpu->State.Fsw &= unchecked((ushort)~0x3800);
        cpu->State.Ftw = 0xFFFF;
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>Bit 6 always reads as one; bits 7 and 13-15 as zero.</summary>
    internal static void SetControl(Cpu* cpu, ushort value)
    {
        cpu->State.Fcw = (ushort)(value & 0x1F7F | 0x40);
        X87Unit.RefreshSummary(cpu);
    }
}
