using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>MOV to and from control and debug registers, LMSW, SMSW, CLTS. SDM 2B; 3A 2.5, 4.1.2; 3B 17.2.</summary>
internal static unsafe class ControlRegisters
{
    internal static void Add(RowBuilder rows)
    {
        rows.Add("Mov_r32_cr", &ReadControl);
        rows.Add("Mov_r64_cr", &ReadControl);
        rows.Add("Mov_cr_r32", &WriteControl, traits: RowTraits.EndsBlock);
        rows.Add("Mov_cr_r64", &WriteControl, traits: RowTraits.EndsBlock);
        rows.Add("Mov_r32_dr", &ReadDebug);
        rows.Add("Mov_r64_dr", &ReadDebug);
        rows.Add("Mov_dr_r32", &WriteDebug, traits: RowTraits.EndsBlock);
        rows.Add("Mov_dr_r64", &WriteDebug, traits: RowTraits.EndsBlock);
        rows.Undefined("Mov_r32_tr", "test registers ended with the 486");
        rows.Undefined("Mov_tr_r32", "test registers ended with the 486");
        rows.Add("Clts", &Clts);
        rows.Add("Smsw_rm16", &Smsw16, &SmswMemory);
        rows.Add("Smsw_r32m16", &Smsw32, &SmswMemory);
        rows.Add("Smsw_r64m16", &Smsw64, &SmswMemory);
        rows.Add("Lmsw_rm16", &Lmsw, &LmswMemory, traits: RowTraits.EndsBlock);
        rows.Add("Lmsw_r32m16", &Lmsw, &LmswMemory, traits: RowTraits.EndsBlock);
        rows.Add("Lmsw_r64m16", &Lmsw, &LmswMemory, traits: RowTraits.EndsBlock);
    }

    private static Op* ReadControl(Cpu* cpu, Op* op)
    {
        if (op->Src is not (0 or 2 or 3 or 4 or 8))
            return Privilege.Undefined(cpu, op);
        if (!Privilege.IsKernel(cpu))
            return Privilege.Protect(cpu, op);
        ulong value = op->Src switch
        {
            0 => cpu->State.Cr0,
            2 => cpu->State.Cr2,
            3 => cpu->State.Cr3,
            4 => cpu->State.Cr4,
            _ => cpu->Processor.Apic.TaskPriority,
        };
        *(ulong*)Cpu.At(cpu, op->Dst) = cpu->Is64Bit ? value : (uint)value;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* WriteControl(Cpu* cpu, Op* op)
    {
        ulong value = *(ulong*)Cpu.At(cpu, op->Src);
        if (!cpu->Is64Bit)
            value = (uint)value;
        if (op->Dst is not (0 or 2 or 3 or 4 or 8))
            return Privilege.Undefined(cpu, op);
        if (!Privilege.IsKernel(cpu))
            return Privilege.Protect(cpu, op);
        bool touched = cpu->BusTouched;
        bool done;
        switch (op->Dst)
        {
            case 0:
                done = ControlUnit.TrySetCr0(cpu, value);
                break;
            case 2:
                cpu->State.Cr2 = value;
                done = true;
                break;
            case 3:
                done = ControlUnit.TrySetCr3(cpu, value);
                break;
            case 4:
                done = ControlUnit.TrySetCr4(cpu, value);
                break;
            default:
                return WriteTaskPriority(cpu, op, value);
        }

        cpu->BusTouched = touched; // dropping the TLB asks chains to end, and this one ends here anyway
        return done ? Leave.After(cpu, op) : Leave.Fault(cpu, op);
    }

    private static Op* WriteTaskPriority(Cpu* cpu, Op* op, ulong value)
    {
        if (value > 15)
            return Privilege.Protect(cpu, op);
        X86Processor processor = cpu->Processor;
        processor.EnterBus(op);
        processor.Apic.TaskPriority = (byte)value;
        cpu->InterruptPending = processor.Apic.Pending;
        return Leave.After(cpu, op);
    }

    private static Op* ReadDebug(Cpu* cpu, Op* op)
    {
        if (!TryDebugRegister(cpu, op->Src, out int number))
            return Leave.Fault(cpu, op);
        ulong value = number switch { 6 => cpu->State.Dr6, 7 => cpu->State.Dr7, _ => cpu->State.Dr[number] };
        *(ulong*)Cpu.At(cpu, op->Dst) = cpu->Is64Bit ? value : (uint)value;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* WriteDebug(Cpu* cpu, Op* op)
    {
        if (!TryDebugRegister(cpu, op->Dst, out int number))
            return Leave.Fault(cpu, op);
        ulong value = *(ulong*)Cpu.At(cpu, op->Src);
        if (!cpu->Is64Bit)
            value = (uint)value;
        if (number >= 6 && value >> 32 != 0)
            return Privilege.Protect(cpu, op);
        if (number == 6)
            cpu->State.Dr6 = (value & 0xE00F) | 0xFFFF_0FF0;
        else if (number == 7)
            cpu->State.Dr7 = (value & 0xFFFF_23FF) | 0x400;
        else
            cpu->State.Dr[number] = value;
        cpu->Processor.ModeChanged();
        return Leave.After(cpu, op);
    }

    /// <summary>DR4 and DR5 are DR6 and DR7 unless CR4.DE; DR7.GD traps every access (SDM 3B 17.2.2, 17.2.4).</summary>
    private static bool TryDebugRegister(Cpu* cpu, int number, out int real)
    {
        real = number is 4 or 5 ? number + 2 : number;
        if (number > 7 || (real != number && (cpu->State.Cr4 & ControlBits.Cr4De) != 0))
            cpu->Fault = new Fault(Vector.Ud);
        else if (!Privilege.IsKernel(cpu))
            cpu->Fault = new Fault(Vector.Gp);
        else if ((cpu->State.Dr7 & ExceptionUnit.GeneralDetect) != 0)
            cpu->Fault = new Fault(Vector.Db, 0, ExceptionUnit.Dr6GeneralDetect);
        else
            return true;
        return false;
    }

    private static Op* Clts(Cpu* cpu, Op* op)
    {
        if (!Privilege.IsKernel(cpu))
            return Privilege.Protect(cpu, op);
        cpu->State.Cr0 &= ~ControlBits.Cr0Ts;
        Simd.SimdGate.Update(cpu);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Smsw16(Cpu* cpu, Op* op)
    {
        *(ushort*)Cpu.At(cpu, op->Dst) = (ushort)cpu->State.Cr0;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Smsw32(Cpu* cpu, Op* op)
    {
        *(ulong*)Cpu.At(cpu, op->Dst) = (uint)cpu->State.Cr0;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Smsw64(Cpu* cpu, Op* op)
    {
        *(ulong*)Cpu.At(cpu, op->Dst) = cpu->State.Cr0;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* SmswMemory(Cpu* cpu, Op* op)
        => Cpu.TryWrite(cpu, op, op->Address(cpu), (ushort)cpu->State.Cr0) ? Leave.Next(cpu, op) : Leave.Fault(cpu, op);

    private static Op* Lmsw(Cpu* cpu, Op* op) => SetMachineStatus(cpu, op, *(ushort*)Cpu.At(cpu, op->Dst));

    private static Op* LmswMemory(Cpu* cpu, Op* op)
    {
        if (!Privilege.IsKernel(cpu))
            return Privilege.Protect(cpu, op);
        return Cpu.TryRead(cpu, op, op->Address(cpu), out ushort value) ? SetMachineStatus(cpu, op, value) : Leave.Fault(cpu, op);
    }

    /// <summary>LMSW can set PE but not clear it.</summary>
    private static Op* SetMachineStatus(Cpu* cpu, Op* op, ushort value)
    {
        if (!Privilege.IsKernel(cpu))
            return Privilege.Protect(cpu, op);
        ulong pe = (cpu->State.Cr0 | value) & ControlBits.Cr0Pe;
        ulong cr0 = (cpu->State.Cr0 & ~0xFUL) | (value & 0xEUL) | pe;
        return ControlUnit.TrySetCr0(cpu, cr0) ? Leave.After(cpu, op) : Leave.Fault(cpu, op);
    }
}
