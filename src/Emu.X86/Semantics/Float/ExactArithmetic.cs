using Emu.X86.Semantics.Integer;

namespace Emu.X86.Semantics.Float;

/// <summary>The arithmetic all formats share: operands that are not NaNs in, the exact result (with a sticky bit) out. Nothing is rounded or flagged here.</summary>
internal static class ExactArithmetic
{
    /// <summary>Sum. The rounding mode decides only the sign of an exact zero.</summary>
    internal static Unrounded Add(in Operand x, in Operand y, RoundingMode rounding)
    {
        if (x.Class == FloatClass.Infinity)
            return Unrounded.Of(y.Class == FloatClass.Infinity && x.Sign != y.Sign ? UnroundedKind.Invalid : UnroundedKind.Infinity, x.Sign);
        if (y.Class == FloatClass.Infinity)
            return Unrounded.Of(UnroundedKind.Infinity, y.Sign);
        if (x.Class == FloatClass.Zero)
        {
            return y.Class == FloatClass.Zero && x.Sign != y.Sign
                ? Unrounded.Of(UnroundedKind.Zero, rounding == RoundingMode.Down)
                : Unrounded.Of(in y);
        }
        if (y.Class == FloatClass.Zero)
            return Unrounded.Of(in x);
        bool swap = x.Exponent < y.Exponent || x.Exponent == y.Exponent && x.Significand < y.Significand;
        return swap ? AddOrdered(in y, in x, rounding) : AddOrdered(in x, in y, rounding);
    }

    // |x| >= |y|, both finite.
    private static Unrounded AddOrdered(in Operand x, in Operand y, RoundingMode rounding)
    {
        UInt128 smaller = ShiftRightJam(new UInt128(y.Significand, 0), x.Exponent - y.Exponent);
        UInt128 larger = new(x.Significand, 0);
        if (x.Sign == y.Sign)
        {
            UInt128 sum = larger + smaller;
            if (sum >= larger)
                return Unrounded.Of(x.Sign, x.Exponent, (ulong)(sum >> 64), (ulong)sum);
            // Carry out: the dropped bit joins the sticky bit.
            sum = sum >> 1 | sum & 1 | UInt128.One << 127;
            return Unrounded.Of(x.Sign, x.Exponent + 1, (ulong)(sum >> 64), (ulong)sum);
        }
        UInt128 difference = larger - smaller;
        if (difference == 0)
            return Unrounded.Of(UnroundedKind.Zero, rounding == RoundingMode.Down);
        int shift = (int)UInt128.LeadingZeroCount(difference);
        difference <<= shift;
        return Unrounded.Of(x.Sign, x.Exponent - shift, (ulong)(difference >> 64), (ulong)difference);
    }

    /// <summary>Product.</summary>
    internal static Unrounded Multiply(in Operand x, in Operand y)
    {
        bool sign = x.Sign != y.Sign;
        if (x.Class == FloatClass.Infinity || y.Class == FloatClass.Infinity)
            return Unrounded.Of(x.Class == FloatClass.Zero || y.Class == FloatClass.Zero ? UnroundedKind.Invalid : UnroundedKind.Infinity, sign);
        if (x.Class == FloatClass.Zero || y.Class == FloatClass.Zero)
            return Unrounded.Of(UnroundedKind.Zero, sign);
        (ulong high, ulong low, int carry) = Product(x.Significand, y.Significand);
        return Unrounded.Of(sign, x.Exponent + y.Exponent + carry, high, low);
    }

    /// <summary>Product of significands, its top bit set, and what that adds to the exponent.</summary>
    internal static (ulong High, ulong Low, int Carry) Product(ulong x, ulong y)
    {
        ulong high = Math.BigMul(x, y, out ulong low);
        return high >> 63 != 0 ? (high, low, 1) : (high << 1 | low >> 63, low << 1, 0);
    }

    /// <summary>Quotient.</summary>
    internal static Unrounded Divide(in Operand x, in Operand y)
    {
        bool sign = x.Sign != y.Sign;
        if (x.Class == FloatClass.Infinity)
            return Unrounded.Of(y.Class == FloatClass.Infinity ? UnroundedKind.Invalid : UnroundedKind.Infinity, sign);
        if (y.Class == FloatClass.Infinity)
            return Unrounded.Of(UnroundedKind.Zero, sign);
        if (x.Class == FloatClass.Zero)
            return Unrounded.Of(y.Class == FloatClass.Zero ? UnroundedKind.Invalid : UnroundedKind.Zero, sign);
        if (y.Class == FloatClass.Zero)
            return Unrounded.Of(UnroundedKind.ZeroDivide, sign);
        (ulong high, ulong low, int borrow) = Quotient(x.Significand, y.Significand);
        return Unrounded.Of(sign, x.Exponent - y.Exponent - borrow, high, low);
    }

    /// <summary>Quotient of significands, its top bit set, bits that tell what comes after it, and what that takes from the exponent.</summary>
    internal static (ulong High, ulong Low, int Borrow) Quotient(ulong x, ulong y)
    {
        int borrow = x < y ? 1 : 0;
        (ulong quotient, ulong rest) = borrow != 0 ? WideDivision.Divide(x, 0, y) : WideDivision.Divide(x >> 1, x << 63, y);
        ulong other = y - rest; // beside the rest, it says on which side of one half that is
        return (quotient, rest > other ? 3UL << 62 : rest == other ? 1UL << 63 : rest != 0 ? 1UL : 0, borrow);
    }

    /// <summary>Square root. Of a negative number other than zero it is invalid.</summary>
    internal static Unrounded SquareRoot(in Operand x)
    {
        if (x.Class == FloatClass.Zero)
            return Unrounded.Of(UnroundedKind.Zero, x.Sign);
        if (x.Sign)
            return Unrounded.Of(UnroundedKind.Invalid, false);
        if (x.Class == FloatClass.Infinity)
            return Unrounded.Of(UnroundedKind.Infinity, false);
        bool odd = (x.Exponent & 1) != 0;
        (ulong root, ulong low) = Root(x.Significand, odd);
        return Unrounded.Of(false, (x.Exponent - (odd ? 1 : 0)) / 2, root, low);
    }

    /// <summary>Root of a significand, and bits that tell what comes after it; with an odd exponent the radicand is twice as large.</summary>
    internal static (ulong Root, ulong Low) Root(ulong significand, bool odd)
    {
        ulong high = odd ? significand : significand >> 1, low = odd ? 0 : significand << 63;
        ulong root = NearSquareRoot(high, low);
        UInt128 rest = new UInt128(high, low) - Square(root); // far from 2^127 on either side of zero
        while ((Int128)rest < 0)
            rest += Odd(--root);
        while (rest > (UInt128)root << 1)
            rest -= Odd(root++);
        // The root plus one half is passed exactly when the remainder exceeds the root; it is never met.
        return (root, rest > root ? 3UL << 62 : rest != 0 ? 1UL : 0);
    }

    /// <summary>A number some few units from the root of <paramref name="high"/>:<paramref name="low"/>, which has bit 126 or 127 set: one step of Newton's from the host's estimate.</summary>
    private static ulong NearSquareRoot(ulong high, ulong low)
    {
        ulong estimate = (ulong)Math.Min(Math.Sqrt(high) * 4294967296.0, 18446744073709549568.0);
        if (high >= estimate)
            return ulong.MaxValue;
        ulong quotient = WideDivision.Divide(high, low, estimate).Quotient;
        return (estimate >> 1) + (quotient >> 1) + (estimate & quotient & 1);
    }

    // What lies between the squares of value and of the number behind it.
    private static UInt128 Odd(ulong value) => ((UInt128)value << 1) + 1;

    private static UInt128 Square(ulong value)
    {
        ulong upper = Math.BigMul(value, value, out ulong lower);
        return new UInt128(upper, lower);
    }

    /// <summary>Shifts right; bit 0 of the result is also set when a one was shifted out.</summary>
    internal static UInt128 ShiftRightJam(UInt128 value, int count)
    {
        if (count == 0)
            return value;
        if (count >= 128)
            return value != 0 ? UInt128.One : UInt128.Zero;
        UInt128 kept = value >> count;
        return kept << count != value ? kept | 1 : kept;
    }
}
