namespace Emu.X86.Semantics.Float;

/// <summary>
/// FADD, FSUB, FMUL, FDIV, FSQRT, FSCALE, FRNDINT and FXTRACT on register operands. When <see cref="FloatContext.IsBlocked"/> afterwards, the destination keeps
/// its value; unmasked overflow and underflow deliver the result with its exponent adjusted. SDM 1, 8.5.
/// </summary>
public static class X87Arithmetic
{
    /// <summary>a + b, rounded to the precision control.</summary>
    public static Float80 Add(Float80 a, Float80 b, ref FloatContext context)
    {
        if (X87Common.TryAdd(a, b, ref context, out Float80 common))
            return common;
        Operand x = Operand.From(a), y = Operand.From(b);
        return TrySpecial(in x, in y, a, b, ref context, out Float80 special) ? special
            : Complete(ExactArithmetic.Add(in x, in y, context.Rounding), x.Denormal || y.Denormal, context.Precision, ref context);
    }

    /// <summary>a - b.</summary>
    public static Float80 Subtract(Float80 a, Float80 b, ref FloatContext context)
    {
        if (X87Common.TryAdd(a, b.WithSign(!b.Sign), ref context, out Float80 common))
            return common;
        Operand x = Operand.From(a), y = Operand.From(b);
        if (TrySpecial(in x, in y, a, b, ref context, out Float80 special))
            return special;
        y.Sign = !y.Sign;
        return Complete(ExactArithmetic.Add(in x, in y, context.Rounding), x.Denormal || y.Denormal, context.Precision, ref context);
    }

    /// <summary>a * b.</summary>
    public static Float80 Multiply(Float80 a, Float80 b, ref FloatContext context)
    {
        if (X87Common.TryMultiply(a, b, ref context, out Float80 common))
            return common;
        Operand x = Operand.From(a), y = Operand.From(b);
        return TrySpecial(in x, in y, a, b, ref context, out Float80 special) ? special
            : Complete(ExactArithmetic.Multiply(in x, in y), x.Denormal || y.Denormal, context.Precision, ref context);
    }

    /// <summary>a / b.</summary>
    public static Float80 Divide(Float80 a, Float80 b, ref FloatContext context)
    {
        if (X87Common.TryDivide(a, b, ref context, out Float80 common))
            return common;
        Operand x = Operand.From(a), y = Operand.From(b);
        return TrySpecial(in x, in y, a, b, ref context, out Float80 special) ? special
            : Complete(ExactArithmetic.Divide(in x, in y), x.Denormal || y.Denormal, context.Precision, ref context);
    }

    /// <summary>FSQRT.</summary>
    public static Float80 SquareRoot(Float80 a, ref FloatContext context)
    {
        if (X87Common.TrySquareRoot(a, ref context, out Float80 common))
            return common;
        Operand x = Operand.From(a);
        return TrySpecial(in x, in x, a, a, ref context, out Float80 special) ? special
            : Complete(ExactArithmetic.SquareRoot(in x), x.Denormal, context.Precision, ref context);
    }

    /// <summary>FRNDINT.</summary>
    public static Float80 RoundToIntegral(Float80 a, ref FloatContext context)
    {
        Operand x = Operand.From(a);
        if (TrySpecial(in x, in x, a, a, ref context, out Float80 special))
            return special;
        if (x.Denormal)
        {
            context.Raise(FloatExceptions.Denormal);
            if (context.IsBlocked)
                return a;
        }
        if (x.Class != FloatClass.Finite || x.Exponent >= 63)
            return a;
        _ = IntegerRounding.TryRound(in x, context.Rounding, out ulong magnitude, out bool inexact, out bool up);
        if (inexact)
            context.Raise(FloatExceptions.Precision);
        context.RoundedUp = up;
        return Exact(SseConversion.OfMagnitude(x.Sign, magnitude));
    }

    /// <summary>FSCALE: a * 2^trunc(scale). SDM 2A, FSCALE.</summary>
    public static Float80 Scale(Float80 a, Float80 scale, ref FloatContext context)
    {
        Operand x = Operand.From(a), y = Operand.From(scale);
        if (TrySpecial(in x, in y, a, scale, ref context, out Float80 special))
            return special;
        if (x.Class == FloatClass.Finite && y.Class == FloatClass.Zero)
        {
            // Nothing to scale: not even an unmasked underflow is found.
            context.Raise(x.Denormal ? FloatExceptions.Denormal : FloatExceptions.None);
            return a.Canonical;
        }
        Unrounded result = Unrounded.Of(in x);
        if (y.Class == FloatClass.Infinity)
        {
            if (x.Class == (y.Sign ? FloatClass.Infinity : FloatClass.Zero))
                result = Unrounded.Of(UnroundedKind.Invalid, false);
            else if (x.Class == FloatClass.Finite)
                result = Unrounded.Of(y.Sign ? UnroundedKind.Zero : UnroundedKind.Infinity, x.Sign);
        }
        else if (y.Class == FloatClass.Finite)
        {
            // Beyond 2^16 every finite value leaves the range, by any wrap.
            int amount = y.Exponent < 0 ? 0 : y.Exponent > 16 ? 1 << 17 : (int)(y.Significand >> (63 - y.Exponent));
            result.Exponent += y.Sign ? -amount : amount;
        }
        return Complete(in result, x.Denormal || y.Denormal, 64, ref context);
    }

    /// <summary>FXTRACT: the unbiased exponent as a number; the significand with exponent 0 comes out second. SDM 2A, FXTRACT.</summary>
    public static Float80 Extract(Float80 a, ref FloatContext context, out Float80 significand)
    {
        Operand x = Operand.From(a);
        if (TrySpecial(in x, in x, a, a, ref context, out significand))
            return significand;
        significand = a;
        switch (x.Class)
        {
            case FloatClass.Zero:
                context.Raise(FloatExceptions.ZeroDivide);
                return Float80.Infinity(true);
            case FloatClass.Infinity:
                return Float80.Infinity(false);
        }
        if (x.Denormal)
            context.Raise(FloatExceptions.Denormal);
        significand = new Float80(x.Significand, (ushort)(Float80.Bias | (x.Sign ? 0x8000 : 0)));
        return Exact(SseConversion.OfInteger(x.Exponent));
    }

    /// <summary>Unsupported operands and NaNs: true when they decide the result. SDM 1, 8.5.1.2 and table 4-7.</summary>
    internal static bool TrySpecial(in Operand x, in Operand y, Float80 a, Float80 b, ref FloatContext context, out Float80 result)
    {
        result = Float80.Indefinite;
        if (x.Class < FloatClass.QuietNaN && y.Class < FloatClass.QuietNaN)
            return false;
        if (x.Class == FloatClass.Unsupported || y.Class == FloatClass.Unsupported)
            context.Raise(FloatExceptions.Invalid);
        else
            result = PropagateNaN(in x, in y, a, b, ref context);
        return true;
    }

    // A quiet NaN wins over a signaling one; between equals the larger significand, then the positive one.
    private static Float80 PropagateNaN(in Operand x, in Operand y, Float80 a, Float80 b, ref FloatContext context)
    {
        if (x.Class == FloatClass.SignalingNaN || y.Class == FloatClass.SignalingNaN)
            context.Raise(FloatExceptions.Invalid);
        if (!y.IsNaN)
            return a.Quieted;
        if (!x.IsNaN)
            return b.Quieted;
        if (x.Class != y.Class)
            return x.Class == FloatClass.QuietNaN ? a : b;
        bool first = a.Significand != b.Significand ? a.Significand > b.Significand : !a.Sign;
        return first ? a.Quieted : b.Quieted;
    }

    /// <summary>Flags, rounds and encodes a result.</summary>
    internal static Float80 Complete(in Unrounded value, bool denormal, int precision, ref FloatContext context)
    {
        switch (value.Kind)
        {
            case UnroundedKind.Invalid:
                context.Raise(FloatExceptions.Invalid);
                return Float80.Indefinite;
            case UnroundedKind.ZeroDivide:
                context.Raise(FloatExceptions.ZeroDivide);
                return Float80.Infinity(value.Sign);
        }
        if (denormal || context.DenormalSource)
        {
            context.Raise(FloatExceptions.Denormal);
            if (context.IsBlocked)
                return Float80.Indefinite;
        }
        return value.Kind switch
        {
            UnroundedKind.Zero => Float80.Zero(value.Sign),
            UnroundedKind.Infinity => Float80.Infinity(value.Sign),
            _ => Encode(Rounder.Round(in value, precision, Float80.MinExponent, Float80.MaxExponent, Rounder.X87Wrap, ref context), ref context),
        };
    }

    /// <summary>Encodes a value known to be exact and in range.</summary>
    internal static Float80 Exact(Unrounded value) => value.Kind == UnroundedKind.Zero
        ? Float80.Zero(value.Sign)
        : new Float80(value.High, (ushort)(value.Exponent + Float80.Bias | (value.Sign ? 0x8000 : 0)));

    private static Float80 Encode(Rounded value, ref FloatContext context)
    {
        if (value.Kind == UnroundedKind.Zero)
            return Float80.Zero(value.Sign);
        if (value.Kind == UnroundedKind.Infinity)
            return Float80.Infinity(value.Sign);
        if (value.Exponent is < Float80.MinExponent or > Float80.MaxExponent)
        {
            // Massive overflow or underflow: out of range even with the adjusted exponent. SDM 1, 8.5.4 and 8.5.5.
            bool over = value.Exponent > 0;
            context.Raise(FloatExceptions.Precision);
            context.RoundedUp = over;
            return over ? Float80.Infinity(value.Sign) : Float80.Zero(value.Sign);
        }
        return new Float80(value.Significand, (ushort)((value.Significand >> 63 == 0 ? 0 : value.Exponent + Float80.Bias) | (value.Sign ? 0x8000 : 0)));
    }
}
