using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.Semantics.Float;
using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>FCOM, FUCOM, FICOM, FTST, FXAM, FCOMI, FUCOMI and the popping forms. SDM 2A.</summary>
internal static unsafe class X87Compare
{
    /// <summary>FCOM and FUCOM with a register; <typeparamref name="TPops"/> values are dropped.</summary>
    internal readonly struct Registers<TQuiet, TPops> : IX87Work
        where TQuiet : struct, IConstant
        where TPops : struct, IConstant
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Run(Cpu* cpu, Op* op)
        {
            bool empty = X87Unit.IsEmpty(cpu, 0) || X87Unit.IsEmpty(cpu, op->Src);
            FloatContext context = new(cpu->State.Fcw);
            if (Status(cpu, empty, X87Unit.Get(cpu, 0), X87Unit.Get(cpu, op->Src), TQuiet.Value == 0, ref context))
                PopAll(cpu, TPops.Value);
        }
    }

    /// <summary>FCOMPP, FUCOMPP: ST(0) with ST(1), both dropped.</summary>
    internal readonly struct Pair<TQuiet> : IX87Work
        where TQuiet : struct, IConstant
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Run(Cpu* cpu, Op* op)
        {
            bool empty = X87Unit.IsEmpty(cpu, 0) || X87Unit.IsEmpty(cpu, 1);
            FloatContext context = new(cpu->State.Fcw);
            if (Status(cpu, empty, X87Unit.Get(cpu, 0), X87Unit.Get(cpu, 1), TQuiet.Value == 0, ref context))
                PopAll(cpu, 2);
        }
    }

    /// <summary>FCOMI, FUCOMI: the result goes to ZF, PF, CF.</summary>
    internal readonly struct Flags<TQuiet, TPops> : IX87Work
        where TQuiet : struct, IConstant
        where TPops : struct, IConstant
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Run(Cpu* cpu, Op* op)
        {
            // C1 stays as it is, unless the stack is at fault.
            FloatContext context = new(cpu->State.Fcw);
            context.RoundedUp = (cpu->State.Fsw & X87Unit.C1) != 0;
            Relation relation = Relation.Unordered;
            bool pops;
            if (X87Unit.IsEmpty(cpu, 0) || X87Unit.IsEmpty(cpu, op->Src))
            {
                pops = X87Unit.StackFaulted(cpu, overflow: false);
            }
            else
            {
                relation = X87Comparison.Compare(X87Unit.Get(cpu, 0), X87Unit.Get(cpu, op->Src), TQuiet.Value == 0, ref context);
                X87Unit.Settle(cpu, in context);
                pops = !context.IsBlocked;
            }

            cpu->SetStatus(FlagsOf(relation));
            if (!pops)
                return;
            PopAll(cpu, TPops.Value);
        }
    }

    /// <summary>FTST.</summary>
    internal readonly struct WithZero : IX87Work
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Run(Cpu* cpu, Op* op)
        {
            FloatContext context = new(cpu->State.Fcw);
            _ = Status(cpu, X87Unit.IsEmpty(cpu, 0), X87Unit.Get(cpu, 0), default, signalQuiet: true, ref context);
        }
    }

    /// <summary>FXAM: empty is class 5; C1 is the sign bit of the register, whatever it holds.</summary>
    internal readonly struct Examine : IX87Work
    {
        public static void Run(Cpu* cpu, Op* op)
        {
            Float80 value = X87Unit.Get(cpu, 0);
            int kind = X87Unit.IsEmpty(cpu, 0) ? 5 : X87Comparison.Examine(value);
            int code = ((kind & 1) != 0 ? X87Unit.C0 : 0) | ((kind & 2) != 0 ? X87Unit.C2 : 0) | ((kind & 4) != 0 ? X87Unit.C3 : 0) | (value.Sign ? X87Unit.C1 : 0);
            cpu->State.Fsw = (ushort)(cpu->State.Fsw & ~X87Unit.ConditionCode | code);
        }
    }

    /// <summary>FCOM, FICOM with memory.</summary>
    internal static Op* Memory<TSource, T, TPops>(Cpu* cpu, Op* op)
        where TSource : struct, IX87Source
        where T : unmanaged
        where TPops : struct, IConstant
    {
        if (!X87Unit.CanRun(cpu))
            return X87Unit.Raise(cpu, op);
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        CompareMemory<TSource>(cpu, op, source, TPops.Value);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>ZF PF CF of a relation. SDM 2A, COMISD and FCOMI.</summary>
    internal static ulong FlagsOf(Relation relation) => relation switch
    {
        Relation.Greater => 0,
        Relation.Less => Rflags.Cf,
        Relation.Equal => Rflags.Zf,
        _ => Rflags.Zf | Rflags.Pf | Rflags.Cf,
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CompareMemory<TSource>(Cpu* cpu, Op* op, byte* source, int pops)
        where TSource : struct, IX87Source
    {
        X87Unit.Note(cpu, op, memory: true);
        FloatContext context = new(cpu->State.Fcw);
        Float80 operand = TSource.Operand(source, ref context);
        if (Status(cpu, X87Unit.IsEmpty(cpu, 0), X87Unit.Get(cpu, 0), operand, signalQuiet: true, ref context))
            PopAll(cpu, pops);
    }

    /// <summary>Sets C0, C2, C3, also with an unmasked exception; false when that keeps operands from being dropped.</summary>
    private static bool Status(Cpu* cpu, bool empty, Float80 a, Float80 b, bool signalQuiet, ref FloatContext context)
    {
        Relation relation = Relation.Unordered;
        bool pops;
        if (empty)
        {
            pops = X87Unit.StackFaulted(cpu, overflow: false);
        }
        else
        {
            relation = X87Comparison.Compare(a, b, signalQuiet, ref context);
            X87Unit.Settle(cpu, in context);
            pops = !context.IsBlocked;
        }

        int code = relation switch
        {
            Relation.Greater => 0,
            Relation.Less => X87Unit.C0,
            Relation.Equal => X87Unit.C3,
            _ => X87Unit.C0 | X87Unit.C2 | X87Unit.C3,
        };
        cpu->State.Fsw = (ushort)(cpu->State.Fsw & ~(X87Unit.C0 | X87Unit.C2 | X87Unit.C3) | code);
        return pops;
    }

    private static void PopAll(Cpu* cpu, int count)
    {
        for (int i = 0; i < count; i++)
            X87Unit.Pop(cpu);
    }
}
