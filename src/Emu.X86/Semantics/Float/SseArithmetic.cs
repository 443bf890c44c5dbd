namespace Emu.X86.Semantics.Float;

/// <summary>
/// Scalar SSE arithmetic on binary32 and binary64, bit for bit as the processor does it. Exceptions go to the context; when
/// <see cref="FloatContext.Unmasked"/> is not empty afterwards, the result must not be delivered. SDM 1, 11.5.
/// </summary>
public static class SseArithmetic
{
    /// <summary>a + b.</summary>
    public static ulong Add<T>(ulong a, ulong b, ref FloatContext context) where T : struct, IBinaryFormat
    {
        if (HostArithmetic.TryAdd<T>(a, b, ref context, out ulong fast))
            return fast;
        Operand x = Operand.From<T>(a, context.DenormalsAreZero), y = Operand.From<T>(b, context.DenormalsAreZero);
        return x.IsNaN || y.IsNaN ? PropagateNaN<T>(a, b, ref context)
            : Complete<T>(ExactArithmetic.Add(in x, in y, context.Rounding), x.Denormal || y.Denormal, ref context);
    }

    /// <summary>a - b.</summary>
    public static ulong Subtract<T>(ulong a, ulong b, ref FloatContext context) where T : struct, IBinaryFormat
    {
        if (HostArithmetic.TryAdd<T>(a, b ^ Format<T>.SignBit, ref context, out ulong fast))
            return fast;
        Operand x = Operand.From<T>(a, context.DenormalsAreZero), y = Operand.From<T>(b, context.DenormalsAreZero);
        if (x.IsNaN || y.IsNaN)
            return PropagateNaN<T>(a, b, ref context);
        y.Sign = !y.Sign;
        return Complete<T>(ExactArithmetic.Add(in x, in y, context.Rounding), x.Denormal || y.Denormal, ref context);
    }

    /// <summary>a * b.</summary>
    public static ulong Multiply<T>(ulong a, ulong b, ref FloatContext context) where T : struct, IBinaryFormat
    {
        if (HostArithmetic.TryMultiply<T>(a, b, ref context, out ulong fast))
            return fast;
        Operand x = Operand.From<T>(a, context.DenormalsAreZero), y = Operand.From<T>(b, context.DenormalsAreZero);
        return x.IsNaN || y.IsNaN ? PropagateNaN<T>(a, b, ref context)
            : Complete<T>(ExactArithmetic.Multiply(in x, in y), x.Denormal || y.Denormal, ref context);
    }

    /// <summary>a / b.</summary>
    public static ulong Divide<T>(ulong a, ulong b, ref FloatContext context) where T : struct, IBinaryFormat
    {
        if (HostArithmetic.TryDivide<T>(a, b, ref context, out ulong fast))
            return fast;
        Operand x = Operand.From<T>(a, context.DenormalsAreZero), y = Operand.From<T>(b, context.DenormalsAreZero);
        return x.IsNaN || y.IsNaN ? PropagateNaN<T>(a, b, ref context)
            : Complete<T>(ExactArithmetic.Divide(in x, in y), x.Denormal || y.Denormal, ref context);
    }

    /// <summary>Square root of a.</summary>
    public static ulong SquareRoot<T>(ulong a, ref FloatContext context) where T : struct, IBinaryFormat
    {
        if (HostArithmetic.TrySquareRoot<T>(a, ref context, out ulong fast))
            return fast;
        Operand x = Operand.From<T>(a, context.DenormalsAreZero);
        return x.IsNaN ? PropagateNaN<T>(a, a, ref context) : Complete<T>(ExactArithmetic.SquareRoot(in x), x.Denormal, ref context);
    }

    /// <summary>MINSS, MINSD: the second operand when either is a NaN or both are zeros. SDM 2B, MINSD.</summary>
    public static ulong Minimum<T>(ulong a, ulong b, ref FloatContext context) where T : struct, IBinaryFormat =>
        SseComparison.Compare<T>(a, b, signalQuiet: true, ref context) == Relation.Less ? Effective<T>(a, in context) : Effective<T>(b, in context);

    /// <summary>MAXSS, MAXSD: the second operand when either is a NaN or both are zeros.</summary>
    public static ulong Maximum<T>(ulong a, ulong b, ref FloatContext context) where T : struct, IBinaryFormat =>
        SseComparison.Compare<T>(a, b, signalQuiet: true, ref context) == Relation.Greater ? Effective<T>(a, in context) : Effective<T>(b, in context);

    /// <summary>The operand as DAZ shows it.</summary>
    internal static ulong Effective<T>(ulong value, in FloatContext context) where T : struct, IBinaryFormat =>
        context.DenormalsAreZero && Format<T>.IsDenormal(value) ? value & Format<T>.SignBit : value;

    /// <summary>The first operand that is a NaN, made quiet. SDM 1, table 4-7.</summary>
    internal static ulong PropagateNaN<T>(ulong a, ulong b, ref FloatContext context) where T : struct, IBinaryFormat
    {
        if (Format<T>.IsSignaling(a) || Format<T>.IsSignaling(b))
            context.Raise(FloatExceptions.Invalid);
        return (Format<T>.IsNaN(a) ? a : b) | Format<T>.QuietBit;
    }

    /// <summary>Flags, rounds and encodes a result.</summary>
    internal static ulong Complete<T>(in Unrounded value, bool denormal, ref FloatContext context) where T : struct, IBinaryFormat
    {
        switch (value.Kind)
        {
            case UnroundedKind.Invalid:
                context.Raise(FloatExceptions.Invalid);
                return Format<T>.Indefinite;
            case UnroundedKind.ZeroDivide:
                // A denormal dividend is not reported then.
                context.Raise(FloatExceptions.ZeroDivide);
                return Format<T>.Infinity(value.Sign);
        }
        if (denormal)
        {
            context.Raise(FloatExceptions.Denormal);
            if ((context.Masks & FloatExceptions.Denormal) == FloatExceptions.None)
                return 0;
        }
        return value.Kind switch
        {
            UnroundedKind.Zero => Format<T>.Sign(value.Sign),
            UnroundedKind.Finite => Encode<T>(Rounder.Round(in value, T.Precision, Format<T>.MinExponent, Format<T>.MaxExponent, 0, ref context)),
            _ => Format<T>.Infinity(value.Sign),
        };
    }

    /// <summary>Bits of a rounded value.</summary>
    internal static ulong Encode<T>(Rounded value) where T : struct, IBinaryFormat
    {
        ulong sign = Format<T>.Sign(value.Sign);
        if (value.Kind != UnroundedKind.Finite)
            return value.Kind == UnroundedKind.Zero ? sign : sign | Format<T>.ExponentMask;
        ulong significand = value.Significand >> (64 - T.Precision);
        if (value.Significand >> 63 == 0)
            return sign | significand;
        return sign | (ulong)(value.Exponent + Format<T>.MaxExponent) << Format<T>.FractionBits | significand & Format<T>.FractionMask;
    }
}
