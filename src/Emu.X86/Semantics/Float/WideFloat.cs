namespace Emu.X86.Semantics.Float;

/// <summary>
/// A number with a significand of 128 bits for the inside of the transcendental functions: (-1)^Sign * Significand * 2^(Exponent - 127), bit 127 set, or zero.
/// Operations truncate; each is off by less than two units in the last place, so that some dozens of them leave about 120 good bits.
/// </summary>
internal readonly record struct WideFloat(bool Sign, int Exponent, UInt128 Significand)
{
    internal static WideFloat One => new(false, 0, UInt128.One << 127);

    internal static WideFloat Pi => new(false, 1, new UInt128(0xc90f_daa2_2168_c234, 0xc4c6_628b_80dc_1cd1));

    internal static WideFloat HalfPi => Pi with { Exponent = 0 };

    internal static WideFloat QuarterPi => Pi with { Exponent = -1 };

    internal static WideFloat LnOf2 => new(false, -1, new UInt128(0xb172_17f7_d1cf_79ab, 0xc9e3_b398_03f2_f6af));

    internal static WideFloat Log2OfE => new(false, 0, new UInt128(0xb8aa_3b29_5c17_f0bb, 0xbe87_fed0_691d_3e88));

    /// <summary>atan(1/4).</summary>
    internal static WideFloat ArcTangentOfQuarter => new(false, -3, new UInt128(0xfadb_afc9_6406_eb15, 0x6dc7_9ef5_f7a2_17e5));

    internal bool IsZero => Significand == 0;

    internal WideFloat Negated => this with { Sign = !Sign };

    internal static WideFloat From(in Operand operand) => operand.Class == FloatClass.Zero
        ? default
        : new WideFloat(operand.Sign, operand.Exponent, new UInt128(operand.Significand, 0));

    /// <summary>significand * 2^exponent.</summary>
    internal static WideFloat From(bool sign, UInt128 significand, int exponent)
    {
        if (significand == 0)
            return default;
        int shift = (int)UInt128.LeadingZeroCount(significand);
        return new WideFloat(sign, exponent + 127 - shift, significand << shift);
    }

    internal static WideFloat From(int value) => From(value < 0, (uint)Math.Abs(value), 0);

    public static WideFloat operator +(WideFloat a, WideFloat b)
    {
        if (a.IsZero)
            return b;
        if (b.IsZero)
            return a;
        if (a.Exponent < b.Exponent || a.Exponent == b.Exponent && a.Significand < b.Significand)
            (a, b) = (b, a);
        int distance = a.Exponent - b.Exponent;
        UInt128 smaller = distance > 127 ? UInt128.Zero : b.Significand >> distance;
        if (a.Sign != b.Sign)
            return From(a.Sign, a.Significand - smaller, a.Exponent - 127);
        UInt128 sum = a.Significand + smaller;
        return sum >= a.Significand ? new WideFloat(a.Sign, a.Exponent, sum) : new WideFloat(a.Sign, a.Exponent + 1, sum >> 1 | UInt128.One << 127);
    }

    public static WideFloat operator -(WideFloat a, WideFloat b) => a + b.Negated;

    public static WideFloat operator *(WideFloat a, WideFloat b)
    {
        if (a.IsZero || b.IsZero)
            return default;
        UInt128 high = MultiplyHigh(a.Significand, b.Significand);
        int exponent = a.Exponent + b.Exponent + 1;
        return high >> 127 != 0
            ? new WideFloat(a.Sign != b.Sign, exponent, high)
            : new WideFloat(a.Sign != b.Sign, exponent - 1, high << 1);
    }

    /// <summary>Quotient, bit by bit; the divisor is not zero.</summary>
    public static WideFloat operator /(WideFloat a, WideFloat b)
    {
        if (a.IsZero)
            return default;
        bool less = a.Significand < b.Significand;
        UInt128 rest = less ? a.Significand : a.Significand - b.Significand, quotient = less ? UInt128.Zero : UInt128.One;
        for (int i = less ? 128 : 127; i > 0; i--)
        {
            bool carry = rest >> 127 != 0;
            rest <<= 1;
            quotient <<= 1;
            if (!carry && rest < b.Significand)
                continue;
            rest -= b.Significand;
            quotient |= 1;
        }

        return new WideFloat(a.Sign != b.Sign, a.Exponent - b.Exponent - (less ? 1 : 0), quotient);
    }

    /// <summary>This divided by a small positive number.</summary>
    internal WideFloat DividedBy(uint divisor)
    {
        int spare = 32 - System.Numerics.BitOperations.LeadingZeroCount(divisor);
        UInt128 quotient = Significand / divisor, rest = Significand - quotient * divisor;
        // The bits that the division freed are filled from the remainder.
        return From(Sign, quotient << (spare - 1) | (rest << (spare - 1)) / divisor, Exponent - 127 - (spare - 1));
    }

    /// <summary>To be rounded; <paramref name="inexact"/> adds the sticky bit of a value that is never met exactly.</summary>
    internal Unrounded ToUnrounded(bool inexact) => IsZero
        ? Unrounded.Of(UnroundedKind.Zero, Sign)
        : Unrounded.Of(Sign, Exponent, (ulong)(Significand >> 64), (ulong)Significand | (inexact ? 1UL : 0));

    private static UInt128 MultiplyHigh(UInt128 a, UInt128 b)
    {
        ulong a1 = (ulong)(a >> 64), a0 = (ulong)a, b1 = (ulong)(b >> 64), b0 = (ulong)b;
        UInt128 cross = Math.BigMul(a0, b0) >> 64;
        UInt128 first = Math.BigMul(a1, b0), second = Math.BigMul(a0, b1);
        cross += (ulong)first;
        cross += (ulong)second;
        return Math.BigMul(a1, b1) + (first >> 64) + (second >> 64) + (cross >> 64);
    }
}
