using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.State;
using Iced.Intel;

namespace Emu.X86.Semantics.Integer;

/// <summary>
/// CMP or TEST followed by Jcc run as one op: the handler of the first also decides the second, from the operands instead of the flags (which it
/// sets all the same). Whoever needs the first alone calls <see cref="Unfuse"/>.
/// </summary>
internal static unsafe class Fusion
{
    /// <summary>In <see cref="Op.Prefixes"/> of a fused CMP or TEST.</summary>
    private const byte Fused = 0x80;

    /// <summary>With <see cref="Fused"/>: the memory form.</summary>
    private const byte FusedMemory = 0x40;

    /// <summary>By kind, width, form and condition: see <see cref="Index"/>.</summary>
    private static readonly nint[] Handlers = Build();

    /// <summary>By <see cref="Code"/> of a CMP or TEST: one more than the index of its first handler, for the form without and with memory; 0 for others.</summary>
    private static readonly (ushort Register, ushort Memory)[] Firsts = BuildFirsts();

    /// <summary>By <see cref="Code"/> of a Jcc with a 64-bit target: its <see cref="ConditionCode"/>; 0 for others.</summary>
    private static readonly byte[] Branches = BuildBranches();

    private enum Form
    {
        RegReg,
        RegImm,
        RegMem,
        MemReg,
        MemImm,
    }

    /// <summary>Fuses <paramref name="first"/> with the Jcc behind it, where the pair is one we have.</summary>
    internal static void TryFuse(Op* first, Code branch)
    {
        int condition = Branches[(int)branch];
        if (condition == 0)
            return;
        bool memory = (nint)first->Fn == InsnTable.Instance[(Code)first->Code].MemoryForm;
        (ushort register, ushort withMemory) = Firsts[first->Code];
        int row = memory ? withMemory : register;
        if (row == 0)
            return;
        first->Fn = (delegate*<Cpu*, Op*, Op*>)Handlers[row - 1 + condition - 1];
        first->Prefixes |= memory ? (byte)(Fused | FusedMemory) : Fused;
    }

    /// <summary>The op runs fused with the branch behind it.</summary>
    internal static bool IsFused(Op* op, out bool memory)
    {
        memory = (op->Prefixes & FusedMemory) != 0;
        return (op->Prefixes & Fused) != 0;
    }

    /// <summary>The op without its partner.</summary>
    internal static void Unfuse(Op* op)
    {
        if ((op->Prefixes & Fused) == 0)
            return;
        ref readonly InsnRow row = ref InsnTable.Instance[(Code)op->Code];
        op->Fn = (delegate*<Cpu*, Op*, Op*>)((op->Prefixes & FusedMemory) != 0 ? row.MemoryForm : row.RegisterForm);
        op->Prefixes &= unchecked((byte)~(Fused | FusedMemory));
    }

    private static (ushort Register, ushort Memory)[] BuildFirsts()
    {
        var firsts = new (ushort, ushort)[IcedConstants.CodeCount];
        foreach (Code code in Enum.GetValues<Code>())
        {
            if (code.Mnemonic() is not (Mnemonic.Cmp or Mnemonic.Test))
                continue;
            OpCodeInfo info = code.ToOpCode();
            string target = info.GetOpKind(0).ToString();
            bool immediate = info.GetOpKind(1).ToString().StartsWith("imm", StringComparison.Ordinal);
            bool memoryFirst = target.EndsWith("_or_mem", StringComparison.Ordinal);
            int test = code.Mnemonic() == Mnemonic.Test ? 1 : 0;
            int width = WidthIndex(target);
            Form memory = immediate ? Form.MemImm : memoryFirst ? Form.MemReg : Form.RegMem;
            firsts[(int)code] = ((ushort)(1 + Index(test, width, (int)(immediate ? Form.RegImm : Form.RegReg), 0)), (ushort)(1 + Index(test, width, (int)memory, 0)));
        }

        return firsts;
    }

    private static byte[] BuildBranches()
    {
        var branches = new byte[IcedConstants.CodeCount];
        foreach (Code code in Enum.GetValues<Code>())
        {
            if (code.IsJccShortOrNear() && code.ToString().EndsWith("_64", StringComparison.Ordinal))
                branches[(int)code] = (byte)code.ConditionCode();
        }

        return branches;
    }

    private static int WidthIndex(string operand)
    {
        string[][] widths = [["r8", "al"], ["r16", "ax"], ["r32", "eax"], ["r64", "rax"]];
        return Array.FindIndex(widths, names => operand.StartsWith(names[0], StringComparison.Ordinal) || operand == names[1]);
    }

    private static int Index(int test, int width, int form, int condition) => (((((test * 4) + width) * 5) + form) * 16) + condition;

    private static nint[] Build()
    {
        var table = new nint[2 * 4 * 5 * 16];
        Pair<Conditions.O>(table, ConditionCode.o, ConditionCode.no);
        Pair<Conditions.B>(table, ConditionCode.b, ConditionCode.ae);
        Pair<Conditions.E>(table, ConditionCode.e, ConditionCode.ne);
        Pair<Conditions.Be>(table, ConditionCode.be, ConditionCode.a);
        Pair<Conditions.S>(table, ConditionCode.s, ConditionCode.ns);
        Pair<Conditions.P>(table, ConditionCode.p, ConditionCode.np);
        Pair<Conditions.L>(table, ConditionCode.l, ConditionCode.ge);
        Pair<Conditions.Le>(table, ConditionCode.le, ConditionCode.g);
        return table;
    }

    private static void Pair<TCondition>(nint[] table, ConditionCode plain, ConditionCode inverse)
        where TCondition : struct, Conditions.ICondition
    {
        One<TCondition>(table, (int)plain - 1);
        One<Conditions.Not<TCondition>>(table, (int)inverse - 1);
    }

    private static void One<TCondition>(nint[] table, int condition)
        where TCondition : struct, Conditions.ICondition
    {
        Kind<Compare, TCondition>(table, 0, condition);
        Kind<Logic, TCondition>(table, 1, condition);
    }

    private static void Kind<TKind, TCondition>(nint[] table, int test, int condition)
        where TKind : struct, IKind
        where TCondition : struct, Conditions.ICondition
    {
        Widths<TKind, TCondition, Width.Byte>(table, test, 0, condition);
        Widths<TKind, TCondition, Width.Word>(table, test, 1, condition);
        Widths<TKind, TCondition, Width.Doubleword>(table, test, 2, condition);
        Widths<TKind, TCondition, Width.Quadword>(table, test, 3, condition);
    }

    private static void Widths<TKind, TCondition, T>(nint[] table, int test, int width, int condition)
        where TKind : struct, IKind
        where TCondition : struct, Conditions.ICondition
        where T : unmanaged
    {
        table[Index(test, width, (int)Form.RegReg, condition)] = (nint)(delegate*<Cpu*, Op*, Op*>)&RegReg<TKind, TCondition, T>;
        table[Index(test, width, (int)Form.RegImm, condition)] = (nint)(delegate*<Cpu*, Op*, Op*>)&RegImm<TKind, TCondition, T>;
        table[Index(test, width, (int)Form.RegMem, condition)] = (nint)(delegate*<Cpu*, Op*, Op*>)&RegMem<TKind, TCondition, T>;
        table[Index(test, width, (int)Form.MemReg, condition)] = (nint)(delegate*<Cpu*, Op*, Op*>)&MemReg<TKind, TCondition, T>;
        table[Index(test, width, (int)Form.MemImm, condition)] = (nint)(delegate*<Cpu*, Op*, Op*>)&MemImm<TKind, TCondition, T>;
    }

    /// <summary>CMP or TEST: sets the flags and decides the condition.</summary>
    private interface IKind
    {
        static abstract bool Decide<TCondition, T>(Cpu* cpu, ulong left, ulong right)
            where TCondition : struct, Conditions.ICondition
            where T : unmanaged;
    }

    private readonly struct Compare : IKind
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Decide<TCondition, T>(Cpu* cpu, ulong left, ulong right)
            where TCondition : struct, Conditions.ICondition
            where T : unmanaged
        {
            cpu->SetSub<T>(left, right, left - right);
            return TCondition.HoldsAfterCompare<T>(cpu, left, right);
        }
    }

    private readonly struct Logic : IKind
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Decide<TCondition, T>(Cpu* cpu, ulong left, ulong right)
            where TCondition : struct, Conditions.ICondition
            where T : unmanaged
        {
            cpu->SetLogic<T>(left & right);
            return TCondition.HoldsAfterLogic<T>(cpu, left & right);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* Branch(Cpu* cpu, Op* op, bool taken) => taken ? Leave.Taken(cpu, op + 1) : Leave.NotTaken(cpu, op + 1);

    private static Op* RegReg<TKind, TCondition, T>(Cpu* cpu, Op* op)
        where TKind : struct, IKind
        where TCondition : struct, Conditions.ICondition
        where T : unmanaged
        => Branch(cpu, op, TKind.Decide<TCondition, T>(cpu, Width.Load<T>(Cpu.At(cpu, op->Dst)), Width.Load<T>(Cpu.At(cpu, op->Src))));

    private static Op* RegImm<TKind, TCondition, T>(Cpu* cpu, Op* op)
        where TKind : struct, IKind
        where TCondition : struct, Conditions.ICondition
        where T : unmanaged
        => Branch(cpu, op, TKind.Decide<TCondition, T>(cpu, Width.Load<T>(Cpu.At(cpu, op->Dst)), Width.Truncate<T>(op->Imm)));

    private static Op* RegMem<TKind, TCondition, T>(Cpu* cpu, Op* op)
        where TKind : struct, IKind
        where TCondition : struct, Conditions.ICondition
        where T : unmanaged
    {
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        return Branch(cpu, op, TKind.Decide<TCondition, T>(cpu, Width.Load<T>(Cpu.At(cpu, op->Dst)), Width.Load<T>(source)));
    }

    private static Op* MemReg<TKind, TCondition, T>(Cpu* cpu, Op* op)
        where TKind : struct, IKind
        where TCondition : struct, Conditions.ICondition
        where T : unmanaged
    {
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        return Branch(cpu, op, TKind.Decide<TCondition, T>(cpu, Width.Load<T>(source), Width.Load<T>(Cpu.At(cpu, op->Src))));
    }

    private static Op* MemImm<TKind, TCondition, T>(Cpu* cpu, Op* op)
        where TKind : struct, IKind
        where TCondition : struct, Conditions.ICondition
        where T : unmanaged
    {
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        return Branch(cpu, op, TKind.Decide<TCondition, T>(cpu, Width.Load<T>(source), Width.Truncate<T>(op->Imm)));
    }
}
