namespace Emu.X86.Semantics.Float;

/// <summary>FYL2X and FYL2XP1. SDM 2A.</summary>
public static class X87Logarithm
{
    /// <summary>y * log2(x).</summary>
    public static Float80 Logarithm(Float80 x, Float80 y, ref FloatContext context)
    {
        Operand argument = Operand.From(x), factor = Operand.From(y);
        if (X87Arithmetic.TrySpecial(in argument, in factor, x, y, ref context, out Float80 special))
            return special;
        if (argument.Sign && argument.Class != FloatClass.Zero)
            return Invalid(ref context);
        if (argument.Class is FloatClass.Zero or FloatClass.Infinity)
        {
            bool zero = argument.Class == FloatClass.Zero;
            if (factor.Class == FloatClass.Zero)
                return Invalid(ref context);
            if (zero && factor.Class == FloatClass.Finite)
                context.Raise(FloatExceptions.ZeroDivide);
            else if (factor.Denormal)
                context.Raise(FloatExceptions.Denormal);
            return Float80.Infinity(factor.Sign != zero);
        }

        return Scaled(Log2(WideFloat.From(in argument)), in argument, in factor, ref context);
    }

    /// <summary>y * log2(x + 1), meant for x near 0; where x is -1 or less the result is undefined and given as invalid.</summary>
    public static Float80 LogarithmPlusOne(Float80 x, Float80 y, ref FloatContext context)
    {
        Operand argument = Operand.From(x), factor = Operand.From(y);
        if (X87Arithmetic.TrySpecial(in argument, in factor, x, y, ref context, out Float80 special))
            return special;
        if (argument.Class == FloatClass.Infinity)
            return argument.Sign || factor.Class == FloatClass.Zero ? Invalid(ref context) : Float80.Infinity(factor.Sign);
        if (argument.Class == FloatClass.Zero)
        {
            if (factor.Class == FloatClass.Infinity)
                return Invalid(ref context);
            context.Raise(factor.Denormal ? FloatExceptions.Denormal : FloatExceptions.None);
            return Float80.Zero(argument.Sign != factor.Sign);
        }

        if (argument.Sign && argument.Exponent >= 0)
            return Invalid(ref context);
        WideFloat value = WideFloat.From(in argument), sum = WideFloat.One + value;
        // Near 0 directly, so that nothing of x is lost in the sum.
        WideFloat logarithm = argument.Exponent < -2
            ? Natural(value / (WideFloat.One + sum)) * WideFloat.Log2OfE
            : Log2(sum);
        return Scaled(logarithm, in argument, in factor, ref context);
    }

    private static Float80 Invalid(ref FloatContext context)
    {
        context.Raise(FloatExceptions.Invalid);
        return Float80.Indefinite;
    }

    private static Float80 Scaled(WideFloat logarithm, in Operand argument, in Operand factor, ref FloatContext context)
    {
        bool sign = logarithm.Sign != factor.Sign;
        if (factor.Class == FloatClass.Infinity && logarithm.IsZero)
            return Invalid(ref context);
        Unrounded result = factor.Class switch
        {
            FloatClass.Infinity => Unrounded.Of(UnroundedKind.Infinity, sign),
            FloatClass.Zero => Unrounded.Of(UnroundedKind.Zero, sign),
            _ when logarithm.IsZero => Unrounded.Of(UnroundedKind.Zero, sign),
            // Even powers of two are reported as inexact by the processor.
            _ => (logarithm * WideFloat.From(in factor)).ToUnrounded(inexact: true),
        };
        return X87Arithmetic.Complete(in result, argument.Denormal || factor.Denormal, 64, ref context);
    }

    // x = 2^k * m with m from sqrt(1/2) to sqrt(2): k + log2(m).
    private static WideFloat Log2(WideFloat x)
    {
        WideFloat mantissa = x with { Exponent = 0 };
        int whole = x.Exponent;
        if (mantissa.Significand > new UInt128(0xb504_f333_f9de_6484, 0))
        {
            mantissa = mantissa with { Exponent = -1 };
            whole++;
        }

        WideFloat offset = mantissa - WideFloat.One;
        WideFloat part = offset.IsZero ? default : Natural(offset / (mantissa + WideFloat.One)) * WideFloat.Log2OfE;
        return WideFloat.From(whole) + part;
    }

    // ln((1 + s) / (1 - s))
    private static WideFloat Natural(WideFloat s)
    {
        WideFloat half = WideSeries.HyperbolicArcTangent(s);
        return half with { Exponent = half.Exponent + 1 };
    }
}
