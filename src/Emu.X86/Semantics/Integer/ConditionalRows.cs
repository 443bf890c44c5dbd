using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>Jcc, SETcc and CMOVcc for every condition.</summary>
internal static unsafe class ConditionalRows
{
    internal static void Add(RowBuilder rows)
    {
        Pair<Conditions.O>(rows, "o", "no");
        Pair<Conditions.B>(rows, "b", "ae");
        Pair<Conditions.E>(rows, "e", "ne");
        Pair<Conditions.Be>(rows, "be", "a");
        Pair<Conditions.S>(rows, "s", "ns");
        Pair<Conditions.P>(rows, "p", "np");
        Pair<Conditions.L>(rows, "l", "ge");
        Pair<Conditions.Le>(rows, "le", "g");
    }

    private static void Pair<TCondition>(RowBuilder rows, string name, string inverse)
        where TCondition : struct, Conditions.ICondition
    {
        One<TCondition>(rows, name);
        One<Conditions.Not<TCondition>>(rows, inverse);
    }

    private static void One<TCondition>(RowBuilder rows, string name)
        where TCondition : struct, Conditions.ICondition
    {
        rows.Add($"J{name}_rel8_64", &Jump<TCondition>, traits: RowTraits.EndsBlock);
        rows.Add($"J{name}_rel32_64", &Jump<TCondition>, traits: RowTraits.EndsBlock);
        foreach (string form in (string[])["rel8_16", "rel8_32", "rel16", "rel32_32"])
            rows.Add($"J{name}_{form}", &LegacyJump<TCondition>, traits: RowTraits.EndsBlock);
        rows.Add($"Set{name}_rm8", &SetReg<TCondition>, &SetMem<TCondition>, Access.Write);
        rows.Add($"Cmov{name}_r16_rm16", &MoveReg<TCondition, Width.Word>, &MoveMem<TCondition, Width.Word>, Access.Read);
        rows.Add($"Cmov{name}_r32_rm32", &MoveReg<TCondition, Width.Doubleword>, &MoveMem<TCondition, Width.Doubleword>, Access.Read);
        rows.Add($"Cmov{name}_r64_rm64", &MoveReg<TCondition, Width.Quadword>, &MoveMem<TCondition, Width.Quadword>, Access.Read);
    }

    private static Op* Jump<TCondition>(Cpu* cpu, Op* op)
        where TCondition : struct, Conditions.ICondition
        => TCondition.Holds(cpu) ? Leave.Taken(cpu, op) : Leave.NotTaken(cpu, op);

    private static Op* LegacyJump<TCondition>(Cpu* cpu, Op* op)
        where TCondition : struct, Conditions.ICondition
        => TCondition.Holds(cpu) ? NearBranch.Relative(cpu, op) : Leave.Lookup(cpu, cpu->RipAfter(op));

    private static Op* SetReg<TCondition>(Cpu* cpu, Op* op)
        where TCondition : struct, Conditions.ICondition
    {
        *Cpu.At(cpu, op->Dst) = TCondition.Holds(cpu) ? (byte)1 : (byte)0;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* SetMem<TCondition>(Cpu* cpu, Op* op)
        where TCondition : struct, Conditions.ICondition
    {
        if (!Cpu.ForWrite<byte>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        *target = TCondition.Holds(cpu) ? (byte)1 : (byte)0;
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* MoveReg<TCondition, T>(Cpu* cpu, Op* op)
        where TCondition : struct, Conditions.ICondition
        where T : unmanaged
    {
        byte* target = Cpu.At(cpu, op->Dst);
        // A 32-bit CMOVcc clears the upper half even when it does not move (SDM 2A, CMOVcc).
        Width.StoreRegister<T>(target, Width.Load<T>(TCondition.Holds(cpu) ? Cpu.At(cpu, op->Src) : target));
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* MoveMem<TCondition, T>(Cpu* cpu, Op* op)
        where TCondition : struct, Conditions.ICondition
        where T : unmanaged
    {
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        byte* target = Cpu.At(cpu, op->Dst);
        Width.StoreRegister<T>(target, Width.Load<T>(TCondition.Holds(cpu) ? source : target));
        return op[1].Fn(cpu, op + 1);
    }
}
