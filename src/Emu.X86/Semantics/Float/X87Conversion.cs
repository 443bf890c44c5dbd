using System.Numerics;

namespace Emu.X86.Semantics.Float;

/// <summary>FLD, FST, FILD, FIST, FISTTP, FBLD, FBSTP and the constants.</summary>
public static class X87Conversion
{
    private const ulong DecimalLimit = 999_999_999_999_999_999;

    /// <summary>FLD m32fp, m64fp, and memory operands of arithmetic: exact; signaling NaNs are invalid and become quiet, denormals are reported
    /// (and loaded, even unmasked).</summary>
    public static Float80 FromBinary<T>(ulong value, ref FloatContext context) where T : struct, IBinaryFormat
    {
        Float80 wide = Widen<T>(value);
        if (Format<T>.IsSignaling(value))
        {
            context.Raise(FloatExceptions.Invalid);
            return wide.Quieted;
        }
        if (Format<T>.IsDenormal(value))
            context.Raise(FloatExceptions.Denormal);
        return wide;
    }

    /// <summary>The same value in extended precision, a signaling NaN still signaling: what arithmetic with a memory operand works on.</summary>
    public static Float80 Widen<T>(ulong value) where T : struct, IBinaryFormat
    {
        Operand operand = Operand.From<T>(value, denormalsAreZero: false);
        return operand.Class switch
        {
            FloatClass.Zero => Float80.Zero(operand.Sign),
            FloatClass.Infinity => Float80.Infinity(operand.Sign),
            FloatClass.Finite => X87Arithmetic.Exact(Unrounded.Of(in operand)),
            _ => new Float80(Float80.IntegerBit | (value & Format<T>.FractionMask) << (64 - T.Precision), (ushort)(operand.Sign ? 0xffff : 0x7fff)),
        };
    }

    /// <summary>FST m32fp, m64fp. Not to be stored when invalid, overflow or underflow is raised unmasked.</summary>
    public static ulong ToBinary<T>(Float80 value, ref FloatContext context) where T : struct, IBinaryFormat
    {
        Operand operand = Operand.From(value);
        if (operand.Class == FloatClass.Unsupported)
        {
            context.Raise(FloatExceptions.Invalid);
            return Format<T>.Indefinite;
        }
        if (operand.IsNaN)
        {
            if (operand.Class == FloatClass.SignalingNaN)
                context.Raise(FloatExceptions.Invalid);
            return Format<T>.Infinity(operand.Sign) | value.Quieted.Significand >> (64 - T.Precision) & Format<T>.FractionMask;
        }
        ulong result = SseArithmetic.Complete<T>(Unrounded.Of(in operand), denormal: false, ref context);
        if ((context.Unmasked & (FloatExceptions.Overflow | FloatExceptions.Underflow)) != FloatExceptions.None)
        {
            // Nothing is stored, so nothing was rounded.
            context.Raised &= ~FloatExceptions.Precision;
            context.RoundedUp = false;
        }
        return result;
    }

    /// <summary>FILD.</summary>
    public static Float80 FromInteger(long value)
    {
        if (value == 0)
            return default;
        ulong magnitude = value < 0 ? 0 - (ulong)value : (ulong)value;
        int shift = BitOperations.LeadingZeroCount(magnitude);
        return new Float80(magnitude << shift, (ushort)(Float80.Bias + 63 - shift | (value < 0 ? 0x8000 : 0)));
    }

    /// <summary>FIST, FISTP to 16, 32 or 64 bits; FISTTP passes <see cref="RoundingMode.TowardZero"/>.</summary>
    public static long ToInteger(Float80 value, int bits, RoundingMode rounding, ref FloatContext context) =>
        IntegerRounding.ToInteger(Operand.From(value), bits, rounding, ref context);

    /// <summary>FBLD: 18 packed digits and a sign byte. Digits above 9 are worth what they say, as in hardware. SDM 1, 4.7.</summary>
    public static Float80 FromPackedDecimal(ulong digits, ushort signAndTop)
    {
        ulong magnitude = (ulong)(signAndTop >> 4 & 15) * 10 + (ulong)(signAndTop & 15);
        for (int shift = 60; shift >= 0; shift -= 4)
            magnitude = magnitude * 10 + (digits >> shift & 15);
        return X87Arithmetic.Exact(SseConversion.OfMagnitude(signAndTop >> 15 != 0, magnitude));
    }

    /// <summary>FBSTP: rounds to 18 digits; out of range is invalid and gives the packed decimal indefinite. SDM 1, table 4-4.</summary>
    public static (ulong Digits, ushort SignAndTop) ToPackedDecimal(Float80 value, ref FloatContext context)
    {
        Operand operand = Operand.From(value);
        bool inexact = false, up = false;
        ulong magnitude = 0;
        bool fits = operand.Class is FloatClass.Zero or FloatClass.Finite
            && IntegerRounding.TryRound(in operand, context.Rounding, out magnitude, out inexact, out up)
            && magnitude <= DecimalLimit;
        if (!fits)
        {
            context.Raise(FloatExceptions.Invalid);
            return (0xc000_0000_0000_0000, 0xffff);
        }
        if (inexact)
            context.Raise(FloatExceptions.Precision);
        context.RoundedUp = up;
        UInt128 packed = 0;
        for (int shift = 0; shift < 72; shift += 4)
        {
            (magnitude, ulong digit) = Math.DivRem(magnitude, 10);
            packed |= (UInt128)digit << shift;
        }
        return ((ulong)packed, (ushort)((ulong)(packed >> 64) | (operand.Sign ? 0x8000UL : 0)));
    }

    /// <summary>FLD1, FLDL2T, FLDL2E, FLDPI, FLDLG2, FLDLN2, FLDZ: rounded as the control word says, without a flag. SDM 2A, FLD1.</summary>
    public static Float80 Constant(X87Constant constant, RoundingMode rounding)
    {
        (int exponent, ulong high, ulong low) = constant switch
        {
            X87Constant.One => (0, 1UL << 63, 0UL),
            X87Constant.Log2Of10 => (1, 0xd49a_784b_cd1b_8afeUL, 0x492b_f6ff_4daf_db4cUL),
            X87Constant.Log2OfE => (0, 0xb8aa_3b29_5c17_f0bbUL, 0xbe87_fed0_691d_3e88UL),
            X87Constant.Pi => (1, 0xc90f_daa2_2168_c234UL, 0xc4c6_628b_80dc_1cd1UL),
            X87Constant.Log10Of2 => (-2, 0x9a20_9a84_fbcf_f798UL, 0x8f89_59ac_0b7c_9178UL),
            X87Constant.LnOf2 => (-1, 0xb172_17f7_d1cf_79abUL, 0xc9e3_b398_03f2_f6afUL),
            _ => (-Float80.Bias, 0UL, 0UL),
        };
        ulong significand = Rounder.Cut(high, low, 64, false, rounding, out _, out _);
        return new Float80(significand, (ushort)(exponent + Float80.Bias));
    }
}
