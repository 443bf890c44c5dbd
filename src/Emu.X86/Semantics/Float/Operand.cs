using System.Numerics;

namespace Emu.X86.Semantics.Float;

/// <summary>An operand taken apart: for finite ones the value is Significand * 2^(Exponent - 63), bit 63 of the significand set.</summary>
internal struct Operand
{
    internal FloatClass Class;
    internal bool Sign;
    internal bool Denormal;
    internal int Exponent;
    internal ulong Significand;

    internal readonly bool IsNaN => Class is FloatClass.QuietNaN or FloatClass.SignalingNaN;

    /// <summary>Takes an SSE operand apart; a denormal counts as zero, silently, under DAZ. SDM 1, 10.2.3.4.</summary>
    internal static Operand From<T>(ulong value, bool denormalsAreZero) where T : struct, IBinaryFormat
    {
        Operand operand = default;
        operand.Sign = (value & Format<T>.SignBit) != 0;
        ulong fraction = value & Format<T>.FractionMask;
        int biased = (int)((value & Format<T>.ExponentMask) >> Format<T>.FractionBits);
        if (biased == (int)(Format<T>.ExponentMask >> Format<T>.FractionBits))
        {
            operand.Class = fraction == 0 ? FloatClass.Infinity : (fraction & Format<T>.QuietBit) != 0 ? FloatClass.QuietNaN : FloatClass.SignalingNaN;
            return operand;
        }
        if (biased != 0)
        {
            operand.Class = FloatClass.Finite;
            operand.Exponent = biased - Format<T>.MaxExponent;
            operand.Significand = (fraction | 1UL << Format<T>.FractionBits) << (64 - T.Precision);
        }
        else if (fraction != 0 && !denormalsAreZero)
        {
            int shift = BitOperations.LeadingZeroCount(fraction);
            operand.Class = FloatClass.Finite;
            operand.Denormal = true;
            operand.Exponent = Format<T>.MinExponent + 64 - T.Precision - shift;
            operand.Significand = fraction << shift;
        }
        return operand;
    }

    /// <summary>Takes an x87 register apart. SDM 1, tables 4-3 and 8-3.</summary>
    internal static Operand From(Float80 value)
    {
        Operand operand = default;
        operand.Sign = value.Sign;
        int biased = value.BiasedExponent;
        ulong significand = value.Significand;
        if (biased == 0)
        {
            if (significand == 0)
                return operand;
            // A pseudo-denormal has the integer bit set and means the same as exponent 1.
            int shift = BitOperations.LeadingZeroCount(significand);
            operand.Class = FloatClass.Finite;
            operand.Denormal = true;
            operand.Exponent = Float80.MinExponent - shift;
            operand.Significand = significand << shift;
        }
        else if ((significand & Float80.IntegerBit) == 0)
        {
            operand.Class = FloatClass.Unsupported;
        }
        else if (biased == 0x7fff)
        {
            operand.Class = significand == Float80.IntegerBit ? FloatClass.Infinity
                : (significand & Float80.QuietBit) != 0 ? FloatClass.QuietNaN : FloatClass.SignalingNaN;
        }
        else
        {
            operand.Class = FloatClass.Finite;
            operand.Exponent = biased - Float80.Bias;
            operand.Significand = significand;
        }
        return operand;
    }
}
