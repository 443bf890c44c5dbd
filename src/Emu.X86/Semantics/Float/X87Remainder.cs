namespace Emu.X86.Semantics.Float;

/// <summary>FPREM and FPREM1: exact partial remainders. SDM 2A, FPREM.</summary>
public static class X87Remainder
{
    /// <summary>
    /// Remainder of a by b. <paramref name="quotient"/> receives the low bits of the quotient when the reduction is <paramref name="complete"/>;
    /// otherwise (exponents 64 or more apart) the result is a partial one to go on with, and C2 is to be set.
    /// </summary>
    /// <param name="a">Dividend, ST(0).</param>
    /// <param name="b">Divisor, ST(1).</param>
    /// <param name="nearest">FPREM1: the quotient is rounded to nearest instead of truncated.</param>
    /// <param name="context">Controls and exceptions.</param>
    /// <param name="quotient">Quotient; its bits 2, 1, 0 are C0, C3, C1.</param>
    /// <param name="complete">C2 clear.</param>
    public static Float80 Remainder(Float80 a, Float80 b, bool nearest, ref FloatContext context, out ulong quotient, out bool complete)
    {
        quotient = 0;
        complete = true;
        Operand x = Operand.From(a), y = Operand.From(b);
        if (X87Arithmetic.TrySpecial(in x, in y, a, b, ref context, out Float80 special))
            return special;
        if (x.Class == FloatClass.Infinity || y.Class == FloatClass.Zero)
        {
            context.Raise(FloatExceptions.Invalid);
            return Float80.Indefinite;
        }
        if (x.Denormal || y.Denormal)
        {
            context.Raise(FloatExceptions.Denormal);
            if (context.IsBlocked)
                return a;
        }
        int distance = x.Exponent - y.Exponent;
        if (x.Class == FloatClass.Zero || y.Class == FloatClass.Infinity || distance < (nearest ? -1 : 0))
            return x.Class == FloatClass.Zero || y.Class == FloatClass.Infinity ? a.Canonical : X87Arithmetic.Complete(Unrounded.Of(in x), denormal: false, 64, ref context);
        Unrounded result;
        if (distance < 64)
        {
            result = Complete(in x, in y, distance, nearest, out quotient);
        }
        else
        {
            // The processor reduces by 32 to 63 bits a time.
            complete = false;
            int step = distance & 31 | 32;
            UInt128 rest = ((UInt128)x.Significand << step) % y.Significand;
            result = OfRest(x.Sign, rest, x.Exponent - step);
        }
        return X87Arithmetic.Complete(in result, denormal: false, 64, ref context);
    }

    private static Unrounded Complete(in Operand x, in Operand y, int distance, bool nearest, out ulong quotient)
    {
        // distance -1 occurs for nearest only: the quotient is 0 or 1. Everything is in units of half the last place of y.
        UInt128 divisor = (UInt128)y.Significand << 1;
        UInt128 dividend = (UInt128)x.Significand << (distance + 1);
        (UInt128 whole, UInt128 rest) = UInt128.DivRem(dividend, divisor);
        quotient = (ulong)whole;
        bool sign = x.Sign;
        if (nearest && (rest > y.Significand || rest == y.Significand && (quotient & 1) != 0))
        {
            quotient++;
            rest = divisor - rest;
            sign = !sign;
        }
        return OfRest(sign, rest, y.Exponent - 1, x.Sign);
    }

    // rest * 2^(exponent - 63)
    private static Unrounded OfRest(bool sign, UInt128 rest, int exponent, bool? zeroSign = null)
    {
        if (rest == 0)
            return Unrounded.Of(UnroundedKind.Zero, zeroSign ?? sign);
        int shift = (int)UInt128.LeadingZeroCount(rest);
        rest <<= shift;
        return Unrounded.Of(sign, exponent + 64 - shift, (ulong)(rest >> 64), (ulong)rest);
    }
}
