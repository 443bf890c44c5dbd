using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>Near JMP, CALL, RET, LOOP and JCXZ (SDM 2A, 2B). 64-bit forms take the fast path; legacy forms check the limit of CS.</summary>
internal static unsafe class NearBranch
{
    internal static void Add(RowBuilder rows)
    {
        foreach (string form in (string[])["rel8_64", "rel32_64"])
            rows.Add($"Jmp_{form}", &Jump64, traits: RowTraits.EndsBlock);
        foreach (string form in (string[])["rel8_16", "rel8_32", "rel16", "rel32_32"])
            rows.Add($"Jmp_{form}", &Relative, traits: RowTraits.EndsBlock);
        rows.Add("Call_rel32_64", &Call64, null, Access.Write | Access.Push | Access.Stack, RowTraits.EndsBlock);
        rows.Add("Call_rel16", &CallRelative<Width.Word>, null, Access.Stack, RowTraits.EndsBlock);
        rows.Add("Call_rel32_32", &CallRelative<Width.Doubleword>, null, Access.Stack, RowTraits.EndsBlock);
        rows.Add("Jmp_rm64", &JumpReg64, &JumpMem64, Access.Read, RowTraits.EndsBlock);
        rows.Add("Jmp_rm32", &JumpReg<Width.Doubleword>, &JumpMem<Width.Doubleword>, Access.Read, RowTraits.EndsBlock);
        rows.Add("Jmp_rm16", &JumpReg<Width.Word>, &JumpMem<Width.Word>, Access.Read, RowTraits.EndsBlock);
        rows.Add("Call_rm64", &CallReg64, &CallMem<Width.Quadword>, Access.Stack, RowTraits.EndsBlock);
        rows.Add("Call_rm32", &CallReg<Width.Doubleword>, &CallMem<Width.Doubleword>, traits: RowTraits.EndsBlock);
        rows.Add("Call_rm16", &CallReg<Width.Word>, &CallMem<Width.Word>, traits: RowTraits.EndsBlock);
        rows.Add("Retnq", &Return64, null, Access.Read | Access.Pop | Access.Stack, RowTraits.EndsBlock);
        rows.Add("Retnq_imm16", &Return<Width.Quadword>, traits: RowTraits.EndsBlock);
        foreach (string suffix in (string[])["", "_imm16"])
        {
            rows.Add("Retnw" + suffix, &Return<Width.Word>, traits: RowTraits.EndsBlock);
            rows.Add("Retnd" + suffix, &Return<Width.Doubleword>, traits: RowTraits.EndsBlock);
        }

        Loops(rows);
    }

    /// <summary>A relative branch in a legacy mode, or with a 66H prefix: the target is cut to the operand size and must lie below the limit.</summary>
    internal static Op* Relative(Cpu* cpu, Op* op) => To(cpu, op, Target(cpu, op));

    private static void Loops(RowBuilder rows)
    {
        Counted<Width.Word>(rows, "CX", ["16", "32"], ["Jcxz_rel8_16", "Jcxz_rel8_32"]);
        Counted<Width.Doubleword>(rows, "ECX", ["16", "32", "64"], ["Jecxz_rel8_16", "Jecxz_rel8_32", "Jecxz_rel8_64"]);
        Counted<Width.Quadword>(rows, "RCX", ["16", "64"], ["Jrcxz_rel8_16", "Jrcxz_rel8_64"]);
    }

    private static void Counted<T>(RowBuilder rows, string register, string[] targets, string[] zeroTests)
        where T : unmanaged
    {
        foreach (string target in targets)
        {
            rows.Add($"Loop_rel8_{target}_{register}", &Loop<T>, traits: RowTraits.EndsBlock);
            rows.Add($"Loope_rel8_{target}_{register}", &LoopWhileEqual<T>, traits: RowTraits.EndsBlock);
            rows.Add($"Loopne_rel8_{target}_{register}", &LoopWhileNotEqual<T>, traits: RowTraits.EndsBlock);
        }

        foreach (string form in zeroTests)
            rows.Add(form, &JumpIfCountZero<T>, traits: RowTraits.EndsBlock);
    }

    /// <summary>Checks a target (#GP(0) here, not there) and goes on with it.</summary>
    private static Op* To(Cpu* cpu, Op* op, ulong target)
    {
        bool bad = cpu->Is64Bit ? !Mmu.IsCanonical(target) : target > cpu->State.Segments[(int)SegmentIndex.Cs].Limit;
        return bad ? Leave.Fault(cpu, op, Vector.Gp) : Leave.Lookup(cpu, target);
    }

    private static Op* Jump64(Cpu* cpu, Op* op) => Leave.Taken(cpu, op);

    private static Op* Call64(Cpu* cpu, Op* op)
    {
        ulong* rsp = cpu->Gpr(GeneralRegister.Rsp);
        if (!Cpu.ForWrite<ulong>(cpu, *rsp - 8, out byte* slot))
            return SlowPath.Memory(cpu, op);
        *(ulong*)slot = cpu->RipAfter(op);
        *rsp -= 8;
        return Leave.Taken(cpu, op);
    }

    private static Op* CallReg64(Cpu* cpu, Op* op)
    {
        ulong target = *(ulong*)Cpu.At(cpu, op->Dst);
        ulong* rsp = cpu->Gpr(GeneralRegister.Rsp);
        if (!Cpu.ForWrite<ulong>(cpu, *rsp - 8, out byte* slot) || !JumpCache.TryFind(cpu, target, out Block* next))
            return Call<Width.Quadword>(cpu, op, target);
        *(ulong*)slot = cpu->RipAfter(op);
        *rsp -= 8;
        return Leave.Enter(cpu, next, target);
    }

    private static Op* JumpReg64(Cpu* cpu, Op* op)
    {
        ulong target = *(ulong*)Cpu.At(cpu, op->Dst);
        return JumpCache.TryFind(cpu, target, out Block* next) ? Leave.Enter(cpu, next, target) : To(cpu, op, target);
    }

    private static Op* JumpMem64(Cpu* cpu, Op* op)
    {
        if (!Cpu.ForRead<ulong>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        ulong target = *(ulong*)source;
        return JumpCache.TryFind(cpu, target, out Block* next) ? Leave.Enter(cpu, next, target) : To(cpu, op, target);
    }

    private static Op* Return64(Cpu* cpu, Op* op)
    {
        ulong* rsp = cpu->Gpr(GeneralRegister.Rsp);
        if (!Cpu.ForRead<ulong>(cpu, *rsp, out byte* slot))
            return SlowPath.Memory(cpu, op);
        ulong target = *(ulong*)slot;
        if (!JumpCache.TryFind(cpu, target, out Block* next))
            return ReturnUncached(cpu, op, target);
        *rsp += 8;
        return Leave.Enter(cpu, next, target);
    }

    private static Op* ReturnUncached(Cpu* cpu, Op* op, ulong target)
    {
        if (!Mmu.IsCanonical(target))
            return Leave.Fault(cpu, op, Vector.Gp);
        *cpu->Gpr(GeneralRegister.Rsp) += 8;
        return Leave.Lookup(cpu, target);
    }

    private static Op* JumpReg<T>(Cpu* cpu, Op* op)
        where T : unmanaged => To(cpu, op, Width.Load<T>(Cpu.At(cpu, op->Dst)));

    private static Op* JumpMem<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        return Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source) ? To(cpu, op, Width.Load<T>(source)) : SlowPath.Memory(cpu, op);
    }

    private static Op* CallRelative<T>(Cpu* cpu, Op* op)
        where T : unmanaged => Call<T>(cpu, op, Width.Truncate<T>(cpu->RipBase + op->Imm));

    private static Op* CallReg<T>(Cpu* cpu, Op* op)
        where T : unmanaged => Call<T>(cpu, op, Width.Load<T>(Cpu.At(cpu, op->Dst)));

    private static Op* CallMem<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!Cpu.TryRead(cpu, op, op->Address(cpu), out T target))
            return Leave.Fault(cpu, op);
        return Call<T>(cpu, op, Width.Load<T>((byte*)&target));
    }

    private static Op* Call<T>(Cpu* cpu, Op* op, ulong target)
        where T : unmanaged
    {
        bool bad = cpu->Is64Bit ? !Mmu.IsCanonical(target) : target > cpu->State.Segments[(int)SegmentIndex.Cs].Limit;
        if (bad)
            return Leave.Fault(cpu, op, Vector.Gp);
        if (!StackAccess.TryPush<T>(cpu, op, cpu->RipAfter(op)))
            return Leave.Fault(cpu, op);
        return Leave.Lookup(cpu, target);
    }

    /// <summary>RET with or without a byte count, all operand sizes and modes.</summary>
    private static Op* Return<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!StackAccess.TryPeek<T>(cpu, op, 0, out ulong target))
            return Leave.Fault(cpu, op);
        bool bad = cpu->Is64Bit ? !Mmu.IsCanonical(target) : target > cpu->State.Segments[(int)SegmentIndex.Cs].Limit;
        if (bad)
            return Leave.Fault(cpu, op, Vector.Gp);
        StackAccess.Adjust(cpu, (ulong)sizeof(T) + (ushort)op->Imm);
        return Leave.Lookup(cpu, target);
    }

    private static Op* Loop<T>(Cpu* cpu, Op* op)
        where T : unmanaged => CountDown<T>(cpu, op, condition: true);

    private static Op* LoopWhileEqual<T>(Cpu* cpu, Op* op)
        where T : unmanaged => CountDown<T>(cpu, op, cpu->Zf);

    private static Op* LoopWhileNotEqual<T>(Cpu* cpu, Op* op)
        where T : unmanaged => CountDown<T>(cpu, op, !cpu->Zf);

    private static Op* CountDown<T>(Cpu* cpu, Op* op, bool condition)
        where T : unmanaged
    {
        byte* rcx = (byte*)cpu->Gpr(GeneralRegister.Rcx);
        ulong count = Width.Truncate<T>(Width.Load<T>(rcx) - 1);
        bool taken = count != 0 && condition;
        ulong target = Target(cpu, op);
        if (taken && !cpu->Is64Bit && target > cpu->State.Segments[(int)SegmentIndex.Cs].Limit)
            return Leave.Fault(cpu, op, Vector.Gp);
        Width.StoreRegister<T>(rcx, count);
        return Leave.Lookup(cpu, taken ? target : cpu->RipAfter(op));
    }

    private static Op* JumpIfCountZero<T>(Cpu* cpu, Op* op)
        where T : unmanaged
        => Width.Load<T>((byte*)cpu->Gpr(GeneralRegister.Rcx)) != 0 ? Leave.Lookup(cpu, cpu->RipAfter(op)) : Relative(cpu, op);

    /// <summary>Target of a relative branch, cut to the operand size.</summary>
    private static ulong Target(Cpu* cpu, Op* op)
    {
        ulong target = cpu->RipBase + op->Imm;
        return op->OperandSize == 2 ? (ushort)target : cpu->Is64Bit ? target : (uint)target;
    }
}
