using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.Semantics.Float;
using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>Instructions that move values within the register stack. SDM 2A.</summary>
internal static unsafe class X87Stack
{
    /// <summary>FLD ST(i).</summary>
    internal readonly struct LoadRegister : IX87Work
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Run(Cpu* cpu, Op* op)
        {
            bool empty = X87Unit.IsEmpty(cpu, op->Dst);
            if (empty || !X87Unit.IsEmpty(cpu, 7))
            {
                if (X87Unit.StackFaulted(cpu, overflow: !empty))
                    X87Unit.Push(cpu, Float80.Indefinite);
                return;
            }

            FloatContext context = new(cpu->State.Fcw);
            Float80 value = X87Unit.Get(cpu, op->Dst);
            X87Unit.Settle(cpu, in context);
            X87Unit.Push(cpu, value);
        }
    }

    /// <summary>FLD1, FLDPI ...: <typeparamref name="TWhich"/> is the <see cref="X87Constant"/>.</summary>
    internal readonly struct LoadConstant<TWhich> : IX87Work
        where TWhich : struct, IConstant
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Run(Cpu* cpu, Op* op)
        {
            FloatContext context = new(cpu->State.Fcw);
            X87Unit.Load(cpu, X87Conversion.Constant((X87Constant)TWhich.Value, context.Rounding), in context);
        }
    }

    /// <summary>FST ST(i), FSTP ST(i).</summary>
    internal readonly struct StoreRegister<TPops> : IX87Work
        where TPops : struct, IConstant
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Run(Cpu* cpu, Op* op)
        {
            if (X87Unit.IsEmpty(cpu, 0))
            {
                if (!X87Unit.StackFaulted(cpu, overflow: false))
                    return;
                X87Unit.Set(cpu, op->Dst, Float80.Indefinite);
            }
            else
            {
                cpu->State.Fsw &= unchecked((ushort)~X87Unit.C1);
                X87Unit.Set(cpu, op->Dst, X87Unit.Get(cpu, 0));
            }

            if (TPops.Value != 0)
                X87Unit.Pop(cpu);
        }
    }

    /// <summary>FSTPNCE: FSTP ST(i) that moves nothing, without an exception, when ST(0) is empty.</summary>
    internal readonly struct StoreUnchecked : IX87Work
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Run(Cpu* cpu, Op* op)
        {
            cpu->State.Fsw &= unchecked((ushort)~X87Unit.C1);
            if (!X87Unit.IsEmpty(cpu, 0))
                X87Unit.Set(cpu, op->Dst, X87Unit.Get(cpu, 0));
            X87Unit.Pop(cpu);
        }
    }

    /// <summary>FXCH; an empty register counts as the indefinite.</summary>
    internal readonly struct Exchange : IX87Work
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Run(Cpu* cpu, Op* op)
        {
            bool first = X87Unit.IsEmpty(cpu, 0), second = X87Unit.IsEmpty(cpu, op->Src);
            if ((first || second) && !X87Unit.StackFaulted(cpu, overflow: false))
                return;
            if (!first && !second)
                cpu->State.Fsw &= unchecked((ushort)~X87Unit.C1);
            Float80 a = first ? Float80.Indefinite : X87Unit.Get(cpu, 0);
            Float80 b = second ? Float80.Indefinite : X87Unit.Get(cpu, op->Src);
            X87Unit.Set(cpu, 0, b);
            X87Unit.Set(cpu, op->Src, a);
        }
    }

    /// <summary>FCMOVcc; the condition is in the low bits of the opcode row's constant: 0 CF, 1 ZF, 2 CF or ZF, 3 PF; 4 negates.</summary>
    internal readonly struct ConditionalMove<TCondition, TNegate> : IX87Work
        where TCondition : struct, IConstant
        where TNegate : struct, IConstant
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Run(Cpu* cpu, Op* op)
        {
            bool holds = TCondition.Value switch { 0 => cpu->Cf, 1 => cpu->Zf, 2 => cpu->Cf || cpu->Zf, _ => cpu->Pf };
            if (X87Unit.IsEmpty(cpu, 0) || X87Unit.IsEmpty(cpu, op->Src))
            {
                // Whatever the condition is.
                if (X87Unit.StackFaulted(cpu, overflow: false))
                    X87Unit.Set(cpu, 0, Float80.Indefinite);
                return;
            }

            if (holds != (TNegate.Value != 0))
                X87Unit.Set(cpu, 0, X87Unit.Get(cpu, op->Src));
        }
    }

    /// <summary>FFREE.</summary>
    internal readonly struct FreeRegister : IX87Work
    {
        public static void Run(Cpu* cpu, Op* op)
        {
            cpu->State.Fsw &= unchecked((ushort)~X87Unit.C1);
            X87Unit.Free(cpu, op->Dst);
        }
    }

    /// <summary>FFREEP: FFREE, then a pop.</summary>
    internal readonly struct FreeRegisterPop : IX87Work
    {
        public static void Run(Cpu* cpu, Op* op)
        {
            cpu->State.Fsw &= unchecked((ushort)~X87Unit.C1);
            X87Unit.Free(cpu, op->Dst);
            X87Unit.Pop(cpu);
        }
    }

    /// <summary>FINCSTP, FDECSTP.</summary>
    internal readonly struct Rotate<TUp> : IX87Work
        where TUp : struct, IConstant
    {
        public static void Run(Cpu* cpu, Op* op)
        {
            cpu->State.Fsw &= unchecked((ushort)~X87Unit.C1);
            X87Unit.MoveTop(cpu, TUp.Value != 0 ? 1 : -1);
        }
    }

    /// <summary>FNOP.</summary>
    internal readonly struct Nothing : IX87Work
    {
        public static void Run(Cpu* cpu, Op* op)
        {
        }
    }
}
