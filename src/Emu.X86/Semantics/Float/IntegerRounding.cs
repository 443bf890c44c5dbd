namespace Emu.X86.Semantics.Float;

/// <summary>Rounding of finite values to integers.</summary>
internal static class IntegerRounding
{
    /// <summary>
    /// Magnitude of a finite operand rounded to an integer; false when it needs more than 64 bits.
    /// </summary>
    internal static bool TryRound(in Operand value, RoundingMode rounding, out ulong magnitude, out bool inexact, out bool up)
    {
        magnitude = 0;
        inexact = up = false;
        if (value.Class == FloatClass.Zero)
            return true;
        if (value.Exponent > 63)
            return false;
        UInt128 aligned = ExactArithmetic.ShiftRightJam(new UInt128(value.Significand, 0), 63 - value.Exponent);
        magnitude = Rounder.Cut((ulong)(aligned >> 64), (ulong)aligned, 64, value.Sign, rounding, out inexact, out up);
        return !(up && magnitude == 0);
    }

    /// <summary>
    /// Converts to a signed integer of 16, 32 or 64 bits. NaNs, infinities and values out of range are invalid and give the integer indefinite,
    /// the most negative integer. SDM 1, 4.8.4.
    /// </summary>
    internal static long ToInteger(in Operand value, int bits, RoundingMode rounding, ref FloatContext context)
    {
        ulong limit = 1UL << (bits - 1);
        bool inexact = false, up = false;
        ulong magnitude = 0;
        bool fits = value.Class is FloatClass.Zero or FloatClass.Finite
            && TryRound(in value, rounding, out magnitude, out inexact, out up)
            && magnitude <= (value.Sign ? limit : limit - 1);
        if (!fits)
        {
            context.Raise(FloatExceptions.Invalid);
            return -(long)(limit - 1) - 1;
        }
        context.RoundedUp = up;
        if (inexact)
            context.Raise(FloatExceptions.Precision);
        return value.Sign ? (long)(0 - magnitude) : (long)magnitude;
    }
}
