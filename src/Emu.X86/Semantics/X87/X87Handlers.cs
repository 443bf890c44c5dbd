using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.Semantics.Float;
using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>Handlers of x87 arithmetic: each checks that it may run, then does its work in a method of its own.</summary>
internal static unsafe class X87Handlers
{
    /// <summary>op ST(Dst), ST(Src).</summary>
    internal static Op* Register<TOp>(Cpu* cpu, Op* op)
        where TOp : struct, IX87Binary
    {
        if (!X87Unit.CanRun(cpu))
            return X87Unit.Raise(cpu, op);
        Binary<TOp>(cpu, op, pop: false);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>op ST(Dst), ST(Src), then pop.</summary>
    internal static Op* RegisterPop<TOp>(Cpu* cpu, Op* op)
        where TOp : struct, IX87Binary
    {
        if (!X87Unit.CanRun(cpu))
            return X87Unit.Raise(cpu, op);
        Binary<TOp>(cpu, op, pop: true);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>op ST(0), memory.</summary>
    internal static Op* Memory<TOp, TSource, T>(Cpu* cpu, Op* op)
        where TOp : struct, IX87Binary
        where TSource : struct, IX87Source
        where T : unmanaged
    {
        if (!X87Unit.CanRun(cpu))
            return X87Unit.Raise(cpu, op);
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        BinaryMemory<TOp, TSource>(cpu, op, source);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>FLD, FILD, FBLD from memory.</summary>
    internal static Op* Load<TSource, T>(Cpu* cpu, Op* op)
        where TSource : struct, IX87Source
        where T : unmanaged
    {
        if (!X87Unit.CanRun(cpu))
            return X87Unit.Raise(cpu, op);
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        LoadMemory<TSource>(cpu, op, source);
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* Unary<TOp>(Cpu* cpu, Op* op)
        where TOp : struct, IX87Unary
    {
        if (!X87Unit.CanRun(cpu))
            return X87Unit.Raise(cpu, op);
        UnaryOperation<TOp>(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>An instruction without memory operand, given as a work method.</summary>
    internal static Op* Plain<TWork>(Cpu* cpu, Op* op)
        where TWork : struct, IX87Work
    {
        if (!X87Unit.CanRun(cpu))
            return X87Unit.Raise(cpu, op);
        X87Unit.Note(cpu, op, memory: false);
        TWork.Run(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Binary<TOp>(Cpu* cpu, Op* op, bool pop)
        where TOp : struct, IX87Binary
    {
        X87Unit.Note(cpu, op, memory: false);
        int target = op->Dst, source = op->Src;
        if (X87Unit.IsEmpty(cpu, target) || X87Unit.IsEmpty(cpu, source))
        {
            if (!X87Unit.StackFaulted(cpu, overflow: false))
                return;
            X87Unit.Set(cpu, target, Float80.Indefinite);
        }
        else
        {
            FloatContext context = new(cpu->State.Fcw);
            Float80 result = TOp.Apply(X87Unit.Get(cpu, target), X87Unit.Get(cpu, source), ref context);
            X87Unit.Settle(cpu, in context);
            if (context.IsBlocked)
                return;
            X87Unit.Set(cpu, target, result);
        }

        if (pop)
            X87Unit.Pop(cpu);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void BinaryMemory<TOp, TSource>(Cpu* cpu, Op* op, byte* source)
        where TOp : struct, IX87Binary
        where TSource : struct, IX87Source
    {
        X87Unit.Note(cpu, op, memory: true);
        if (X87Unit.IsEmpty(cpu, 0))
        {
            if (X87Unit.StackFaulted(cpu, overflow: false))
                X87Unit.Set(cpu, 0, Float80.Indefinite);
            return;
        }

        FloatContext context = new(cpu->State.Fcw);
        Float80 operand = TSource.Operand(source, ref context);
        Float80 result = TOp.Apply(X87Unit.Get(cpu, 0), operand, ref context);
        X87Unit.Settle(cpu, in context);
        if (!context.IsBlocked)
            X87Unit.Set(cpu, 0, result);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LoadMemory<TSource>(Cpu* cpu, Op* op, byte* source)
        where TSource : struct, IX87Source
    {
        X87Unit.Note(cpu, op, memory: true);
        FloatContext context = new(cpu->State.Fcw);
        Float80 value = TSource.Load(source, ref context);
        X87Unit.Load(cpu, value, in context);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void UnaryOperation<TOp>(Cpu* cpu, Op* op)
        where TOp : struct, IX87Unary
    {
        X87Unit.Note(cpu, op, memory: false);
        if (X87Unit.IsEmpty(cpu, 0))
        {
            if (X87Unit.StackFaulted(cpu, overflow: false))
                X87Unit.Set(cpu, 0, Float80.Indefinite);
            return;
        }

        FloatContext context = new(cpu->State.Fcw);
        ushort condition = cpu->State.Fsw;
        Float80 result = TOp.Apply(X87Unit.Get(cpu, 0), ref context, ref condition);
        cpu->State.Fsw = condition;
        X87Unit.Settle(cpu, in context);
        if (!context.IsBlocked)
            X87Unit.Set(cpu, 0, result);
    }
}
