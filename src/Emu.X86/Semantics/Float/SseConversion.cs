using System.Numerics;

namespace Emu.X86.Semantics.Float;

/// <summary>Scalar SSE conversions. SDM 1, 10.4.2 and 11.4.1; SDM 2B, ROUNDSD.</summary>
public static class SseConversion
{
    /// <summary>CVTSS2SD, CVTSD2SS: a NaN keeps the upper bits of its payload and becomes quiet.</summary>
    public static ulong Convert<TFrom, TTo>(ulong value, ref FloatContext context)
        where TFrom : struct, IBinaryFormat
        where TTo : struct, IBinaryFormat
    {
        Operand operand = Operand.From<TFrom>(value, context.DenormalsAreZero);
        if (!operand.IsNaN)
            return SseArithmetic.Complete<TTo>(Unrounded.Of(in operand), operand.Denormal, ref context);
        ulong quiet = SseArithmetic.PropagateNaN<TFrom>(value, value, ref context) & Format<TFrom>.FractionMask;
        int shift = TTo.Precision - TFrom.Precision;
        return Format<TTo>.Infinity(operand.Sign) | (shift > 0 ? quiet << shift : quiet >> -shift);
    }

    /// <summary>CVTSI2SS, CVTSI2SD.</summary>
    public static ulong FromInteger<T>(long value, ref FloatContext context) where T : struct, IBinaryFormat =>
        SseArithmetic.Complete<T>(OfInteger(value), denormal: false, ref context);

    /// <summary>CVTSS2SI, CVTSD2SI to 32 bits; the truncating forms pass <see cref="RoundingMode.TowardZero"/>.</summary>
    public static int ToInt32<T>(ulong value, RoundingMode rounding, ref FloatContext context) where T : struct, IBinaryFormat =>
        (int)IntegerRounding.ToInteger(Operand.From<T>(value, context.DenormalsAreZero), 32, rounding, ref context);

    /// <summary>CVTSS2SI, CVTSD2SI to 64 bits.</summary>
    public static long ToInt64<T>(ulong value, RoundingMode rounding, ref FloatContext context) where T : struct, IBinaryFormat =>
        IntegerRounding.ToInteger(Operand.From<T>(value, context.DenormalsAreZero), 64, rounding, ref context);

    /// <summary>ROUNDSS, ROUNDSD: bits 1:0 of the control are the mode unless bit 2 selects MXCSR.RC; bit 3 suppresses the precision exception.</summary>
    public static ulong RoundToIntegral<T>(ulong value, int control, ref FloatContext context) where T : struct, IBinaryFormat
    {
        Operand operand = Operand.From<T>(value, context.DenormalsAreZero);
        if (operand.IsNaN)
            return SseArithmetic.PropagateNaN<T>(value, value, ref context);
        if (operand.Class != FloatClass.Finite)
            return SseArithmetic.Effective<T>(value, in context);
        RoundingMode rounding = (control & 4) != 0 ? context.Rounding : (RoundingMode)(control & 3);
        if (operand.Exponent >= T.Precision - 1)
            return value;
        _ = IntegerRounding.TryRound(in operand, rounding, out ulong magnitude, out bool inexact, out _);
        if (inexact && (control & 8) == 0)
            context.Raise(FloatExceptions.Precision);
        Unrounded integral = OfMagnitude(operand.Sign, magnitude);
        FloatContext exact = default;
        return SseArithmetic.Complete<T>(in integral, denormal: false, ref exact);
    }

    internal static Unrounded OfInteger(long value) => OfMagnitude(value < 0, value < 0 ? 0 - (ulong)value : (ulong)value);

    /// <summary>An integer as a result to be rounded; zero has the sign given.</summary>
    internal static Unrounded OfMagnitude(bool sign, ulong magnitude)
    {
        if (magnitude == 0)
            return Unrounded.Of(UnroundedKind.Zero, sign);
        int shift = BitOperations.LeadingZeroCount(magnitude);
        return Unrounded.Of(sign, 63 - shift, magnitude << shift, 0);
    }
}
