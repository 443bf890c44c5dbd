namespace Emu.X86.Semantics.Float;

/// <summary>
/// The values of RCPPS and RSQRTPS. Processors differ within a relative error of 1.5 * 2^-12; ours is the exact value rounded to nearest even at 12 significant bits
/// (relative error at most 2^-12), whatever MXCSR says. SDM 2B, RCPPS; docs/undefined.md.
/// </summary>
public static class SseEstimate
{
    private const int Bits = 12;
    private const uint SignBit = 0x8000_0000, Infinity = 0x7F80_0000, QuietBit = 0x0040_0000, Indefinite = 0xFFC0_0000;

    /// <summary>1 / value. Denormals count as zero, and so does a tiny result.</summary>
    public static uint Reciprocal(uint value)
    {
        uint sign = value & SignBit, magnitude = value & ~SignBit;
        if (magnitude > Infinity)
            return value | QuietBit;
        if (magnitude == Infinity)
            return sign;
        if (magnitude < 0x0080_0000)
            return sign | Infinity;
        int exponent = (int)(magnitude >> 23) - 127;
        ulong significand = magnitude & 0x7F_FFFF | 0x80_0000;
        // 2^23 / significand lies in (1/2, 1]; twelve bits of it, rounded. A tie needs a divisor with a factor that a power of two lacks, so there is none.
        ulong quotient = ((1UL << (23 + Bits + 1)) / significand + 1) >> 1;
        int result = -exponent - 1;
        if (quotient >= 1UL << Bits)
        {
            quotient >>= 1;
            result++;
        }

        return result < -126 ? sign : sign | (uint)(result + 127) << 23 | (uint)(quotient << (24 - Bits)) & 0x7F_FFFF;
    }

    /// <summary>1 / sqrt(value). Denormals count as zero; a negative number gives the indefinite.</summary>
    public static uint ReciprocalSquareRoot(uint value)
    {
        uint sign = value & SignBit, magnitude = value & ~SignBit;
        if (magnitude > Infinity)
            return value | QuietBit;
        if (magnitude < 0x0080_0000)
            return sign | Infinity;
        if (sign != 0)
            return Indefinite;
        if (magnitude == Infinity)
            return 0;
        int exponent = (int)(magnitude >> 23) - 127;
        ulong significand = magnitude & 0x7F_FFFF | 0x80_0000;
        if ((exponent & 1) != 0)
        {
            significand <<= 1;
            exponent--;
        }

        // The largest k with k^2 * significand <= 2^(23 + 2 * (Bits + 1)) has one bit more than wanted: it rounds.
        UInt128 limit = UInt128.One << (23 + 2 * (Bits + 1));
        ulong root = 0;
        for (int bit = Bits + 1; bit >= 0; bit--)
        {
            ulong next = root | 1UL << bit;
            if ((UInt128)next * next * significand <= limit)
                root = next;
        }

        root = (root + 1) >> 1;
        int result = -exponent / 2 - 1;
        if (root >= 1UL << Bits)
        {
            root >>= 1;
            result++;
        }

        return (uint)(result + 127) << 23 | (uint)(root << (24 - Bits)) & 0x7F_FFFF;
    }
}
