using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>PUSH, POP, PUSHA, POPA, ENTER, LEAVE (SDM 2A, 2B). PUSHF and POPF are system instructions here, those of segments too.</summary>
internal static unsafe class Stack
{
    internal static void Add(RowBuilder rows)
    {
        rows.Add("Push_r64", &PushReg64, null, Access.Write | Access.Push | Access.Stack);
        rows.Add("Pop_r64", &PopReg64, null, Access.Read | Access.Pop | Access.Stack);
        rows.Add("Pushq_imm8", &PushImm64, null, Access.Write | Access.Push | Access.Stack);
        rows.Add("Pushq_imm32", &PushImm64, null, Access.Write | Access.Push | Access.Stack);
        rows.Add("Push_rm64", &PushReg<Width.Quadword>, &PushMem<Width.Quadword>);
        rows.Add("Pop_rm64", &PopReg<Width.Quadword>, &PopMem<Width.Quadword>);
        rows.Add("Leaveq", &Leave64, null, Access.Stack);
        rows.Add("Enterq_imm16_imm8", &Enter<Width.Quadword>);
        Legacy<Width.Word>(rows, "16", "w");
        Legacy<Width.Doubleword>(rows, "32", "d");
        rows.Add("Pushaw", &PushAll<Width.Word>);
        rows.Add("Pushad", &PushAll<Width.Doubleword>);
        rows.Add("Popaw", &PopAll<Width.Word>);
        rows.Add("Popad", &PopAll<Width.Doubleword>);
    }

    private static void Legacy<T>(RowBuilder rows, string width, string letter)
        where T : unmanaged
    {
        rows.Add($"Push_r{width}", &PushReg<T>);
        rows.Add($"Pop_r{width}", &PopReg<T>);
        rows.Add(width == "16" ? "Push_imm16" : "Pushd_imm32", &PushImm<T>);
        rows.Add($"Push{letter}_imm8", &PushImm<T>);
        rows.Add($"Push_rm{width}", &PushReg<T>, &PushMem<T>);
        rows.Add($"Pop_rm{width}", &PopReg<T>, &PopMem<T>);
        rows.Add($"Leave{letter}", &LeaveFrame<T>);
        rows.Add($"Enter{letter}_imm16_imm8", &Enter<T>);
    }

    private static Op* PushReg64(Cpu* cpu, Op* op)
    {
        ulong* rsp = cpu->Gpr(GeneralRegister.Rsp);
        if (!Cpu.ForWrite<ulong>(cpu, *rsp - 8, out byte* slot))
            return SlowPath.Memory(cpu, op);
        *(ulong*)slot = *(ulong*)Cpu.At(cpu, op->Dst);
        *rsp -= 8;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* PushImm64(Cpu* cpu, Op* op)
    {
        ulong* rsp = cpu->Gpr(GeneralRegister.Rsp);
        if (!Cpu.ForWrite<ulong>(cpu, *rsp - 8, out byte* slot))
            return SlowPath.Memory(cpu, op);
        *(ulong*)slot = op->Imm;
        *rsp -= 8;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* PopReg64(Cpu* cpu, Op* op)
    {
        ulong* rsp = cpu->Gpr(GeneralRegister.Rsp);
        if (!Cpu.ForRead<ulong>(cpu, *rsp, out byte* slot))
            return SlowPath.Memory(cpu, op);
        ulong value = *(ulong*)slot;
        *rsp += 8;
        *(ulong*)Cpu.At(cpu, op->Dst) = value;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Leave64(Cpu* cpu, Op* op)
    {
        ulong* rbp = cpu->Gpr(GeneralRegister.Rbp);
        if (!Cpu.TryRead(cpu, op, *rbp, out ulong frame))
            return Leave.Fault(cpu, op);
        *cpu->Gpr(GeneralRegister.Rsp) = *rbp + 8;
        *rbp = frame;
        return Leave.Next(cpu, op);
    }

    private static Op* PushReg<T>(Cpu* cpu, Op* op)
        where T : unmanaged
        => StackAccess.TryPush<T>(cpu, op, Width.Load<T>(Cpu.At(cpu, op->Dst))) ? Leave.Next(cpu, op) : Leave.Fault(cpu, op);

    private static Op* PushImm<T>(Cpu* cpu, Op* op)
        where T : unmanaged => StackAccess.TryPush<T>(cpu, op, op->Imm) ? Leave.Next(cpu, op) : Leave.Fault(cpu, op);

    private static Op* PushMem<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!Cpu.TryRead(cpu, op, op->Address(cpu), out T value) || !StackAccess.TryPush<T>(cpu, op, Width.Load<T>((byte*)&value)))
            return Leave.Fault(cpu, op);
        return Leave.Next(cpu, op);
    }

    private static Op* PopReg<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!StackAccess.TryPeek<T>(cpu, op, 0, out ulong value))
            return Leave.Fault(cpu, op);
        StackAccess.Adjust(cpu, (ulong)sizeof(T));
        Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), value);
        return Leave.Next(cpu, op);
    }

    /// <summary>POP to memory forms its address with the stack pointer already moved; the decoder has put that into the displacement.</summary>
    private static Op* PopMem<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!StackAccess.TryPeek<T>(cpu, op, 0, out ulong value))
            return Leave.Fault(cpu, op);
        T operand = default;
        Width.Store<T>((byte*)&operand, value);
        if (!Cpu.TryWrite(cpu, op, op->Address(cpu), operand))
            return Leave.Fault(cpu, op);
        StackAccess.Adjust(cpu, (ulong)sizeof(T));
        return Leave.Next(cpu, op);
    }

    private static Op* LeaveFrame<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        byte* rbp = (byte*)cpu->Gpr(GeneralRegister.Rbp);
        ulong pointer = SegmentedAddress.Truncate(*(ulong*)rbp, StackAccess.PointerSize(cpu));
        if (!SegmentedAddress.TryLinear(cpu, SegmentIndex.Ss, pointer, sizeof(T), write: false, out ulong linear) || !Cpu.TryRead(cpu, op, linear, out T frame))
            return Leave.Fault(cpu, op);
        StackAccess.SetPointer(cpu, SegmentedAddress.Truncate(pointer + (ulong)sizeof(T), StackAccess.PointerSize(cpu)));
        Width.StoreRegister<T>(rbp, Width.Load<T>((byte*)&frame));
        return Leave.Next(cpu, op);
    }

    /// <summary>ENTER allocates a frame and copies up to 31 outer frame pointers (SDM 2A, ENTER).</summary>
    private static Op* Enter<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        ulong rsp = *cpu->Gpr(GeneralRegister.Rsp);
        byte* rbp = (byte*)cpu->Gpr(GeneralRegister.Rbp);
        int level = op->Extra & 31;
        bool ok = StackAccess.TryPush<T>(cpu, op, Width.Load<T>(rbp));
        ulong frame = *cpu->Gpr(GeneralRegister.Rsp);
        int pointerSize = StackAccess.PointerSize(cpu);
        for (int i = 1; i < level && ok; i++)
        {
            ulong outer = SegmentedAddress.Truncate(*(ulong*)rbp - (ulong)(i * sizeof(T)), pointerSize);
            ok = SegmentedAddress.TryLinear(cpu, SegmentIndex.Ss, outer, sizeof(T), write: false, out ulong linear)
                && Cpu.TryRead(cpu, op, linear, out T value) && StackAccess.TryPush<T>(cpu, op, Width.Load<T>((byte*)&value));
        }

        if (ok && level > 0)
            ok = StackAccess.TryPush<T>(cpu, op, frame);
        ulong top = StackAccess.Offset(cpu, 0 - op->Imm);
        // The last page of the new frame must be writable, or ENTER faults (SDM 2A).
        ok = ok && SegmentedAddress.TryLinear(cpu, SegmentIndex.Ss, top, 1, write: true, out ulong last) && cpu->Processor.Mmu.Reachable(last, 1, write: true);
        if (!ok)
        {
            *cpu->Gpr(GeneralRegister.Rsp) = rsp;
            return Leave.Fault(cpu, op);
        }

        StackAccess.SetPointer(cpu, top);
        Width.StoreRegister<T>(rbp, frame);
        return Leave.Next(cpu, op);
    }

    private static Op* PushAll<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        ulong rsp = *cpu->Gpr(GeneralRegister.Rsp);
        for (int i = 0; i < 8; i++)
        {
            ulong value = i == (int)GeneralRegister.Rsp ? rsp : cpu->State.Gpr[i];
            if (StackAccess.TryPush<T>(cpu, op, value))
                continue;
            *cpu->Gpr(GeneralRegister.Rsp) = rsp;
            return Leave.Fault(cpu, op);
        }

        return Leave.Next(cpu, op);
    }

    private static Op* PopAll<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        // First pass: everything that can fault. Second pass: the same reads again, now into the registers.
        for (int i = 0; i < 8; i++)
        {
            if (!StackAccess.TryPeek<T>(cpu, op, (ulong)(i * sizeof(T)), out _))
                return Leave.Fault(cpu, op);
        }

        for (int i = 0; i < 8; i++)
        {
            if (7 - i != (int)GeneralRegister.Rsp && StackAccess.TryPeek<T>(cpu, op, (ulong)(i * sizeof(T)), out ulong value))
                Width.StoreRegister<T>((byte*)cpu->Gpr((GeneralRegister)(7 - i)), value);
        }

        StackAccess.Adjust(cpu, (ulong)(8 * sizeof(T)));
        return Leave.Next(cpu, op);
    }
}
