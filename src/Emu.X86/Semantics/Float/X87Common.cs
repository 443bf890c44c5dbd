using System.Numerics;
using System.Runtime.CompilerServices;

namespace Emu.X86.Semantics.Float;

/// <summary>
/// The common case of x87 arithmetic without taking operands apart: rounding to nearest at full precision, everything masked, operands and result normal
/// and far from the ends of the exponent range. Nothing but an inexact result can come of it. Everything else is declined.
/// </summary>
internal static class X87Common
{
    // Exponent fields that are accepted: no result of two such operands leaves the range.
    private const uint Low = 0x2000, Span = 0x4000;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryMultiply(Float80 a, Float80 b, ref FloatContext context, out Float80 result)
    {
        result = default;
        if (!IsCommon(a, b, in context))
            return false;
        (ulong high, ulong low, int carry) = ExactArithmetic.Product(a.Significand, b.Significand);
        result = Round((a.SignExponent ^ b.SignExponent) & 0x8000, a.BiasedExponent + b.BiasedExponent - Float80.Bias + carry, high, low, ref context);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryDivide(Float80 a, Float80 b, ref FloatContext context, out Float80 result)
    {
        result = default;
        if (!IsCommon(a, b, in context))
            return false;
        (ulong high, ulong low, int borrow) = ExactArithmetic.Quotient(a.Significand, b.Significand);
        result = Round((a.SignExponent ^ b.SignExponent) & 0x8000, a.BiasedExponent - b.BiasedExponent + Float80.Bias - borrow, high, low, ref context);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TrySquareRoot(Float80 a, ref FloatContext context, out Float80 result)
    {
        result = default;
        if (!IsCommon(a, a, in context) || a.Sign)
            return false;
        int exponent = a.BiasedExponent - Float80.Bias, odd = exponent & 1;
        (ulong root, ulong low) = ExactArithmetic.Root(a.Significand, odd != 0);
        result = Round(0, ((exponent - odd) >> 1) + Float80.Bias, root, low, ref context);
        return true;
    }

    /// <summary>Sum; also of numbers so far apart that the smaller one only leaves a trace, not of such as cancel each other out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryAdd(Float80 a, Float80 b, ref FloatContext context, out Float80 result)
    {
        result = default;
        if (!IsCommon(a, b, in context))
            return false;
        if (a.BiasedExponent < b.BiasedExponent || a.BiasedExponent == b.BiasedExponent && a.Significand < b.Significand)
            (a, b) = (b, a);
        int apart = a.BiasedExponent - b.BiasedExponent, exponent = a.BiasedExponent;
        if (apart >= 64)
            return false;
        ulong high = b.Significand >> apart, low = apart == 0 ? 0 : b.Significand << (64 - apart);
        if (((a.SignExponent ^ b.SignExponent) & 0x8000) == 0)
        {
            high += a.Significand;
            if (high < a.Significand) // a carry
            {
                low = low >> 1 | low & 1 | high << 63;
                high = high >> 1 | 1UL << 63;
                exponent++;
            }
        }
        else
        {
            high = a.Significand - high - (low != 0 ? 1UL : 0);
            low = 0 - low;
            if (high == 0)
                return false;
            int shift = BitOperations.LeadingZeroCount(high);
            high = shift == 0 ? high : high << shift | low >> (64 - shift);
            low <<= shift;
            exponent -= shift;
        }

        result = Round(a.SignExponent & 0x8000, exponent, high, low, ref context);
        return true;
    }

    private static Float80 Round(int sign, int exponent, ulong high, ulong low, ref FloatContext context)
    {
        high = Rounder.Cut(high, low, 64, sign != 0, RoundingMode.NearestEven, out bool inexact, out context.RoundedUp);
        if (inexact)
            context.Raised |= FloatExceptions.Precision;
        return high != 0 ? new Float80(high, (ushort)(exponent | sign)) : new Float80(Float80.IntegerBit, (ushort)((exponent + 1) | sign));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsCommon(Float80 a, Float80 b, in FloatContext context) =>
        context.Precision == 64 && context.IsDefault && !context.DenormalSource
        && (long)(a.Significand & b.Significand) < 0 && (uint)a.BiasedExponent - Low < Span && (uint)b.BiasedExponent - Low < Span;
}
