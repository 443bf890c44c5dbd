using System.Numerics;

namespace Emu.X86.Semantics.Integer;

/// <summary>128 by 64 bits, by two divisions of 64 bits: what the general division of the library takes several times as long for (Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D).</summary>
public static class WideDivision
{
    /// <summary>Quotient and remainder of <paramref name="high"/>:<paramref name="low"/> by <paramref name="divisor"/>.</summary>
    /// <param name="high">Less than the divisor: otherwise the quotient does not fit, and what comes back means nothing.</param>
    /// <param name="low">The low half of the dividend.</param>
    /// <param name="divisor">Not zero.</param>
    public static (ulong Quotient, ulong Remainder) Divide(ulong high, ulong low, ulong divisor)
    {
        int shift = BitOperations.LeadingZeroCount(divisor);
        divisor <<= shift;
        high = high << shift | (shift == 0 ? 0 : low >> (64 - shift));
        low <<= shift;
        ulong upper = Digit(high, low >> 32, divisor, out ulong rest);
        ulong lower = Digit(rest, low & uint.MaxValue, divisor, out rest);
        return (upper << 32 | lower, rest >> shift);
    }

    /// <summary>One digit of 32 bits of a normalised division; the estimate by the divisor's upper digit is at most two too large.</summary>
    private static ulong Digit(ulong high, ulong next, ulong divisor, out ulong rest)
    {
        ulong top = divisor >> 32, bottom = divisor & uint.MaxValue;
        (ulong digit, ulong over) = Math.DivRem(high, top);
        while (digit > uint.MaxValue || digit * bottom > (over << 32 | next))
        {
            digit--;
            over += top;
            if (over > uint.MaxValue)
                break;
        }

        rest = (high << 32 | next) - digit * divisor; // modulo 2^64: the true value is below the divisor
        return digit;
    }
}
