using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.Semantics.Float;
using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>Instructions on ST(0) and ST(1), and those that push a second result.</summary>
internal static unsafe class X87TwoOperand
{
    /// <summary>FSCALE.</summary>
    internal readonly struct Scale : IX87Work
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Run(Cpu* cpu, Op* op)
        {
            if (!Ready(cpu, popped: false))
                return;
            FloatContext context = new(cpu->State.Fcw);
            Float80 result = X87Arithmetic.Scale(X87Unit.Get(cpu, 0), X87Unit.Get(cpu, 1), ref context);
            X87Unit.Settle(cpu, in context);
            if (!context.IsBlocked)
                X87Unit.Set(cpu, 0, result);
        }
    }

    /// <summary>FPREM, FPREM1.</summary>
    internal readonly struct Remainder<TNearest> : IX87Work
        where TNearest : struct, IConstant
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Run(Cpu* cpu, Op* op)
        {
            if (!Ready(cpu, popped: false))
            {
                cpu->State.Fsw &= unchecked((ushort)~X87Unit.C2);
                return;
            }

            FloatContext context = new(cpu->State.Fcw);
            Float80 result = X87Remainder.Remainder(X87Unit.Get(cpu, 0), X87Unit.Get(cpu, 1), TNearest.Value != 0, ref context, out ulong quotient, out bool complete);
            if (result.IsNaN || context.IsBlocked)
            {
                cpu->State.Fsw &= unchecked((ushort)~X87Unit.C2);
            }
            else
            {
                context.RoundedUp = (quotient & 1) != 0;
                int code = (complete ? 0 : X87Unit.C2) | ((quotient & 4) != 0 ? X87Unit.C0 : 0) | ((quotient & 2) != 0 ? X87Unit.C3 : 0);
                cpu->State.Fsw = (ushort)(cpu->State.Fsw & ~(X87Unit.C0 | X87Unit.C2 | X87Unit.C3) | code);
            }

            X87Unit.Settle(cpu, in context);
            if (!context.IsBlocked)
                X87Unit.Set(cpu, 0, result);
        }
    }

    /// <summary>FXTRACT: the exponent replaces ST(0), the significand is pushed.</summary>
    internal readonly struct Extract : IX87Work
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Run(Cpu* cpu, Op* op)
        {
            if (!ReadyToPush(cpu))
                return;
            FloatContext context = new(cpu->State.Fcw);
            Float80 exponent = X87Arithmetic.Extract(X87Unit.Get(cpu, 0), ref context, out Float80 significand);
            X87Unit.Settle(cpu, in context);
            if (context.IsBlocked)
                return;
            X87Unit.Set(cpu, 0, exponent);
            X87Unit.Push(cpu, significand);
        }
    }

    /// <summary>FSINCOS: the sine replaces ST(0), the cosine is pushed.</summary>
    internal readonly struct SineCosine : IX87Work
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Run(Cpu* cpu, Op* op)
        {
            if (!ReadyToPush(cpu))
                return;
            FloatContext context = new(cpu->State.Fcw);
            Float80 value = X87Unit.Get(cpu, 0);
            Float80 cosine = X87Trigonometry.Cosine(value, ref context, out _);
            Float80 sine = X87Trigonometry.Sine(value, ref context, out bool inRange);
            PushResult(cpu, sine, cosine, inRange, in context);
        }
    }

    /// <summary>FPTAN: the tangent replaces ST(0), 1.0 is pushed.</summary>
    internal readonly struct Tangent : IX87Work
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Run(Cpu* cpu, Op* op)
        {
            if (!ReadyToPush(cpu))
                return;
            FloatContext context = new(cpu->State.Fcw);
            Float80 tangent = X87Trigonometry.Tangent(X87Unit.Get(cpu, 0), ref context, out bool inRange);
            Float80 pushed = tangent.IsNaN ? tangent : X87Conversion.Constant(X87Constant.One, RoundingMode.NearestEven);
            PushResult(cpu, tangent, pushed, inRange, in context);
        }
    }

    /// <summary>FPATAN, FYL2X, FYL2XP1: the result replaces ST(1), ST(0) is dropped.</summary>
    internal readonly struct Combine<TOp> : IX87Work
        where TOp : struct, IX87Binary
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Run(Cpu* cpu, Op* op)
        {
            if (!Ready(cpu, popped: true))
                return;
            FloatContext context = new(cpu->State.Fcw);
            Float80 result = TOp.Apply(X87Unit.Get(cpu, 0), X87Unit.Get(cpu, 1), ref context);
            X87Unit.Settle(cpu, in context);
            if (context.IsBlocked)
                return;
            X87Unit.Set(cpu, 1, result);
            X87Unit.Pop(cpu);
        }
    }

    internal readonly struct ArcTangent : IX87Binary
    {
        public static Float80 Apply(Float80 a, Float80 b, ref FloatContext context) => X87Trigonometry.ArcTangent(b, a, ref context);
    }

    internal readonly struct Logarithm : IX87Binary
    {
        public static Float80 Apply(Float80 a, Float80 b, ref FloatContext context) => X87Logarithm.Logarithm(a, b, ref context);
    }

    internal readonly struct LogarithmPlusOne : IX87Binary
    {
        public static Float80 Apply(Float80 a, Float80 b, ref FloatContext context) => X87Logarithm.LogarithmPlusOne(a, b, ref context);
    }

    /// <summary>Both operands are there; otherwise the default response is given when masked.</summary>
    private static bool Ready(Cpu* cpu, bool popped)
    {
        if (!X87Unit.IsEmpty(cpu, 0) && !X87Unit.IsEmpty(cpu, 1))
            return true;
        if (X87Unit.StackFaulted(cpu, overflow: false))
        {
            X87Unit.Set(cpu, popped ? 1 : 0, Float80.Indefinite);
            if (popped)
                X87Unit.Pop(cpu);
        }

        return false;
    }

    private static bool ReadyToPush(Cpu* cpu)
    {
        bool empty = X87Unit.IsEmpty(cpu, 0);
        if (!empty && X87Unit.IsEmpty(cpu, 7))
            return true;
        if (X87Unit.StackFaulted(cpu, overflow: !empty))
        {
            X87Unit.Set(cpu, 0, Float80.Indefinite);
            X87Unit.Push(cpu, Float80.Indefinite);
        }

        return false;
    }

    private static void PushResult(Cpu* cpu, Float80 result, Float80 pushed, bool inRange, in FloatContext context)
    {
        cpu->State.Fsw = (ushort)(cpu->State.Fsw & ~X87Unit.C2 | (inRange ? 0 : X87Unit.C2));
        X87Unit.Settle(cpu, in context);
        if (!inRange || context.IsBlocked)
            return;
        X87Unit.Set(cpu, 0, result);
        X87Unit.Push(cpu, pushed);
    }
}
