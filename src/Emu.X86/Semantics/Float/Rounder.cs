using System.Runtime.CompilerServices;

namespace Emu.X86.Semantics.Float;

/// <summary>Rounds to a precision and an exponent range, and finds overflow, underflow and inexactness. SDM 1, 4.8.4 and 4.9.1.</summary>
internal static class Rounder
{
    /// <summary>What an unmasked x87 overflow or underflow adds to the exponent of a register result. SDM 1, 8.5.4 and 8.5.5.</summary>
    internal const int X87Wrap = 24576;

    /// <summary>
    /// Rounds a finite result. Tininess is detected after rounding. <paramref name="wrap"/> is the exponent adjustment for unmasked overflow and underflow;
    /// with 0 the result is meaningless then, and must not be delivered.
    /// </summary>
    internal static Rounded Round(in Unrounded value, int precision, int minExponent, int maxExponent, int wrap, ref FloatContext context)
    {
        int exponent = value.Exponent;
        ulong significand = Cut(value.High, value.Low, precision, value.Sign, context.Rounding, out bool inexact, out bool up);
        if (significand == 0)
        {
            significand = 1UL << 63;
            exponent++;
        }
        if (exponent < minExponent)
            return Tiny(in value, new Rounded(UnroundedKind.Finite, value.Sign, exponent, significand), inexact, up, precision, minExponent, wrap, ref context);
        if (exponent > maxExponent)
        {
            context.Raise(FloatExceptions.Overflow);
            if ((context.Masks & FloatExceptions.Overflow) != FloatExceptions.None)
                return Overflow(value.Sign, precision, maxExponent, ref context);
            exponent -= wrap;
        }
        context.RoundedUp = up;
        if (inexact)
            context.Raise(FloatExceptions.Precision);
        return new Rounded(UnroundedKind.Finite, value.Sign, exponent, significand);
    }

    /// <summary>Keeps the top <paramref name="precision"/> bits of high:low, rounded; 0 means that the rounding carried out of bit 63.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // mostly called with constants
    internal static ulong Cut(ulong high, ulong low, int precision, bool sign, RoundingMode rounding, out bool inexact, out bool up)
    {
        ulong rest = low, unit = 1, kept = high;
        if (precision < 64)
        {
            rest = high << precision | (low != 0 ? 1UL : 0);
            unit = 1UL << (64 - precision);
            kept = high & ~(unit - 1);
        }
        inexact = rest != 0;
        up = inexact && rounding switch
        {
            RoundingMode.NearestEven => rest > 1UL << 63 || rest == 1UL << 63 && (kept & unit) != 0,
            RoundingMode.Down => sign,
            RoundingMode.Up => !sign,
            _ => false,
        };
        return up ? kept + unit : kept;
    }

    private static Rounded Tiny(in Unrounded value, Rounded wide, bool inexact, bool up, int precision, int minExponent, int wrap, ref FloatContext context)
    {
        if ((context.Masks & FloatExceptions.Underflow) == FloatExceptions.None)
        {
            context.Raise(FloatExceptions.Underflow | (inexact ? FloatExceptions.Precision : FloatExceptions.None));
            context.RoundedUp = up;
            return wide with { Exponent = wide.Exponent + wrap };
        }
        if (context.FlushToZero)
        {
            context.Raise(FloatExceptions.Underflow | FloatExceptions.Precision);
            return new Rounded(UnroundedKind.Zero, value.Sign, 0, 0);
        }
        UInt128 shifted = ExactArithmetic.ShiftRightJam(new UInt128(value.High, value.Low), minExponent - value.Exponent);
        ulong significand = Cut((ulong)(shifted >> 64), (ulong)shifted, precision, value.Sign, context.Rounding, out inexact, out up);
        if (inexact)
            context.Raise(FloatExceptions.Underflow | FloatExceptions.Precision);
        context.RoundedUp = up;
        return new Rounded(significand == 0 ? UnroundedKind.Zero : UnroundedKind.Finite, value.Sign, minExponent, significand);
    }

    private static Rounded Overflow(bool sign, int precision, int maxExponent, ref FloatContext context)
    {
        context.Raise(FloatExceptions.Precision);
        bool infinite = context.Rounding switch
        {
            RoundingMode.NearestEven => true,
            RoundingMode.Down => sign,
            RoundingMode.Up => !sign,
            _ => false,
        };
        context.RoundedUp = infinite;
        return infinite
            ? new Rounded(UnroundedKind.Infinity, sign, 0, 0)
            : new Rounded(UnroundedKind.Finite, sign, maxExponent, ~0UL << (64 - precision));
    }
}
