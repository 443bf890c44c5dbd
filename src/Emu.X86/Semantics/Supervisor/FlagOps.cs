using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>CLI, STI, PUSHF, POPF, CLAC, STAC, HLT. SDM 2A, 2B.</summary>
internal static unsafe class FlagOps
{
    /// <summary>Bits that PUSHF shows: VM and RF are pushed as 0.</summary>
    internal const ulong Visible = 0x3F_7FD7 & ~(Rflags.Rf | Rflags.Vm);

    private const ulong AlwaysWritable = Rflags.Status | Rflags.Tf | Rflags.Df | Rflags.Nt | Rflags.Ac | Rflags.Id;

    internal static void Add(RowBuilder rows)
    {
        rows.Add("Cli", &Cli);
        rows.Add("Sti", &Sti);
        rows.Add("Clac", &Clac);
        rows.Add("Stac", &Stac);
        rows.Add("Hlt", &Hlt, traits: RowTraits.EndsBlock);
        rows.Add("Pushfw", &Pushf, access: Access.Stack);
        rows.Add("Pushfd", &Pushf, access: Access.Stack);
        rows.Add("Pushfq", &Pushfq, access: Access.Stack | Access.Write | Access.Push);
        rows.Add("Popfw", &Popf, access: Access.Stack);
        rows.Add("Popfd", &Popf, access: Access.Stack);
        rows.Add("Popfq", &Popf, access: Access.Stack);
    }

    private static Op* Cli(Cpu* cpu, Op* op)
    {
        if (!Privilege.MayTouchInterruptFlag(cpu))
            return Privilege.Protect(cpu, op);
        cpu->State.Rflags &= ~Rflags.If;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Sti(Cpu* cpu, Op* op)
    {
        if (!Privilege.MayTouchInterruptFlag(cpu))
            return Privilege.Protect(cpu, op);
        if ((cpu->State.Rflags & Rflags.If) != 0)
            return op[1].Fn(cpu, op + 1);
        cpu->State.Rflags |= Rflags.If;
        if (!cpu->InterruptPending && op->Remaining > 1)
            return op[1].Fn(cpu, op + 1); // nothing waits, and nobody can look between this and the next instruction
        cpu->State.InterruptShadow = 1; // SDM 3A 6.8.1: no interrupt before the instruction behind this one has run
        return Leave.After(cpu, op);
    }

    private static Op* Clac(Cpu* cpu, Op* op)
    {
        if (!Privilege.IsKernel(cpu) || (cpu->State.Cr0 & ControlBits.Cr0Pe) == 0)
            return Privilege.Undefined(cpu, op);
        cpu->State.Rflags &= ~Rflags.Ac;
        Privilege.SelectView(cpu);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Stac(Cpu* cpu, Op* op)
    {
        if (!Privilege.IsKernel(cpu) || (cpu->State.Cr0 & ControlBits.Cr0Pe) == 0)
            return Privilege.Undefined(cpu, op);
        cpu->State.Rflags |= Rflags.Ac;
        if ((cpu->State.Dr7 & 0xFF) == 0)
            cpu->Tlb = Paging.TlbView.Of(cpu->TlbViews, Paging.TlbView.Supervisor);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Hlt(Cpu* cpu, Op* op)
    {
        if (!Privilege.IsKernel(cpu))
            return Privilege.Protect(cpu, op);
        cpu->State.Halted = 1;
        return Leave.After(cpu, op);
    }

    /// <summary>PUSHFQ: the form of every kernel, through the fast path.</summary>
    private static Op* Pushfq(Cpu* cpu, Op* op)
    {
        ulong rsp = *cpu->Gpr(GeneralRegister.Rsp) - 8;
        if (!Cpu.ForWrite<ulong>(cpu, rsp, out byte* host))
            return SlowPath.Memory(cpu, op);
        *(ulong*)host = cpu->RflagsValue & Visible;
        *cpu->Gpr(GeneralRegister.Rsp) = rsp;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Pushf(Cpu* cpu, Op* op)
    {
        if (IsDeniedInVirtualMode(cpu))
            return Privilege.Protect(cpu, op);
        var stack = new StackWalk(cpu, op);
        if (!stack.TryPush(op->OperandSize, cpu->RflagsValue & Visible))
            return Leave.Fault(cpu, op);
        stack.Commit();
        return Leave.Next(cpu, op);
    }

    private static Op* Popf(Cpu* cpu, Op* op)
    {
        if (IsDeniedInVirtualMode(cpu))
            return Privilege.Protect(cpu, op);
        var stack = new StackWalk(cpu, op);
        if (!stack.TryPop(op->OperandSize, out ulong value))
            return Leave.Fault(cpu, op);
        stack.Commit();
        ulong writable = AlwaysWritable;
        if (Privilege.MayTouchInterruptFlag(cpu))
            writable |= Rflags.If;
        if (cpu->State.Cpl == 0)
            writable |= Rflags.IoplMask;
        if (op->OperandSize == 2)
            writable &= 0xFFFF;
        return SetFlags(cpu, op, value, writable);
    }

    private static Op* SetFlags(Cpu* cpu, Op* op, ulong value, ulong writable)
    {
        ulong old = cpu->RflagsValue;
        ulong flags = (old & ~writable) | (value & writable);
        cpu->State.Rflags = flags & ~Rflags.Rf;
        cpu->SetStatus(flags);
        if (((old ^ flags) & Rflags.Ac) != 0)
            cpu->Processor.Mmu.UpdateView();
        bool look = (flags & Rflags.Tf) != 0 || (cpu->InterruptPending && (flags & Rflags.If) != 0);
        return look ? Leave.After(cpu, op) : Leave.Next(cpu, op);
    }

    /// <summary>SDM 3B 20.2.7: sensitive to IOPL in virtual-8086 mode.</summary>
    private static bool IsDeniedInVirtualMode(Cpu* cpu) => (cpu->State.Rflags & Rflags.Vm) != 0 && Privilege.IoplOf(cpu) < 3;
}
