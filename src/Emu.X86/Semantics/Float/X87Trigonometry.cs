namespace Emu.X86.Semantics.Float;

/// <summary>
/// FSIN, FCOS, FPTAN, FPATAN. The argument is reduced with the 66-bit pi of the processor; the rest is right to less than one unit in the last place. SDM 1, 8.3.8 and 8.3.10.
/// </summary>
public static class X87Trigonometry
{
    /// <summary>FSIN. Arguments of 2^63 and more are out of range: the operand comes back and C2 is to be set.</summary>
    public static Float80 Sine(Float80 a, ref FloatContext context, out bool inRange)
    {
        if (!TryReduce(a, ref context, out inRange, out int quadrant, out WideFloat rest, out Float80 special))
            return special.BiasedExponent == 0x7fff || !inRange ? special : a.Canonical;
        WideFloat result = (quadrant & 1) == 0 ? WideSeries.Sine(rest) : WideSeries.Cosine(rest);
        return Deliver((quadrant & 2) == 0 ? result : result.Negated, ref context);
    }

    /// <summary>FCOS.</summary>
    public static Float80 Cosine(Float80 a, ref FloatContext context, out bool inRange)
    {
        if (!TryReduce(a, ref context, out inRange, out int quadrant, out WideFloat rest, out Float80 special))
            return special.BiasedExponent == 0x7fff || !inRange ? special : One;
        WideFloat result = (quadrant & 1) == 0 ? WideSeries.Cosine(rest) : WideSeries.Sine(rest);
        return Deliver((quadrant + 1 & 2) == 0 ? result : result.Negated, ref context);
    }

    /// <summary>FPTAN, without the 1.0 it also pushes.</summary>
    public static Float80 Tangent(Float80 a, ref FloatContext context, out bool inRange)
    {
        if (!TryReduce(a, ref context, out inRange, out int quadrant, out WideFloat rest, out Float80 special))
            return special.BiasedExponent == 0x7fff || !inRange ? special : a.Canonical;
        WideFloat sine = WideSeries.Sine(rest), cosine = WideSeries.Cosine(rest);
        if ((quadrant & 1) != 0)
            (sine, cosine) = (cosine.Negated, sine);
        return Deliver(sine / cosine, ref context);
    }

    /// <summary>FPATAN: the angle of the point (x, y). SDM 2A, table 3-32.</summary>
    public static Float80 ArcTangent(Float80 y, Float80 x, ref FloatContext context)
    {
        Operand vertical = Operand.From(y), horizontal = Operand.From(x);
        if (X87Arithmetic.TrySpecial(in horizontal, in vertical, x, y, ref context, out Float80 special))
            return special;
        if (vertical.Denormal || horizontal.Denormal)
        {
            context.Raise(FloatExceptions.Denormal);
            if (context.IsBlocked)
                return Float80.Indefinite;
        }

        bool sign = vertical.Sign;
        WideFloat angle;
        if (vertical.Class == FloatClass.Zero || horizontal.Class == FloatClass.Infinity && vertical.Class != FloatClass.Infinity)
        {
            if (!horizontal.Sign)
                return Float80.Zero(sign);
            angle = WideFloat.Pi;
        }
        else if (horizontal.Class == FloatClass.Zero || vertical.Class == FloatClass.Infinity)
        {
            angle = WideFloat.HalfPi;
            if (horizontal.Class == FloatClass.Infinity)
                angle = horizontal.Sign ? WideFloat.HalfPi + WideFloat.QuarterPi : WideFloat.QuarterPi;
        }
        else
        {
            angle = Angle(WideFloat.From(in vertical) with { Sign = false }, WideFloat.From(in horizontal) with { Sign = false });
            if (horizontal.Sign)
                angle = WideFloat.Pi - angle;
        }

        return Deliver(angle with { Sign = sign }, ref context);
    }

    private static Float80 One => X87Conversion.Constant(X87Constant.One, RoundingMode.NearestEven);

    // Angle of a point in the first quadrant.
    private static WideFloat Angle(WideFloat y, WideFloat x)
    {
        bool steep = y.Exponent > x.Exponent || y.Exponent == x.Exponent && y.Significand > x.Significand;
        WideFloat small = steep ? x : y, large = steep ? y : x;
        WideFloat ratio = small / large, angle;
        if (ratio.Exponent >= -1 && (ratio.Exponent == 0 || ratio.Significand >= new UInt128(0xd000_0000_0000_0000, 0)))
        {
            // Above 0.40625: pi/4 - atan((1 - t) / (1 + t)).
            angle = WideFloat.QuarterPi - Below((large - small) / (large + small));
        }
        else
        {
            angle = Below(ratio);
        }

        return steep ? WideFloat.HalfPi - angle : angle;
    }

    // atan(t) for t up to 0.43.
    private static WideFloat Below(WideFloat t)
    {
        if (t.IsZero || t.Exponent < -3)
            return WideSeries.ArcTangent(t);
        WideFloat quarter = WideFloat.One with { Exponent = -2 };
        return WideFloat.ArcTangentOfQuarter + WideSeries.ArcTangent((t - quarter) / (WideFloat.One + t * quarter));
    }

    /// <summary>
    /// a = quadrant * pi/2 + rest with |rest| at most pi/4. False for what is decided without a series: NaN, infinity, zero, out of range, or a blocked denormal.
    /// </summary>
    private static bool TryReduce(Float80 a, ref FloatContext context, out bool inRange, out int quadrant, out WideFloat rest, out Float80 special)
    {
        inRange = true;
        quadrant = 0;
        rest = default;
        Operand x = Operand.From(a);
        if (X87Arithmetic.TrySpecial(in x, in x, a, a, ref context, out special))
            return false;
        special = a;
        if (x.Class == FloatClass.Infinity)
        {
            context.Raise(FloatExceptions.Invalid);
            special = Float80.Indefinite;
            return false;
        }

        if (x.Class == FloatClass.Zero)
            return false;
        if (x.Exponent >= 63)
        {
            inRange = false;
            return false;
        }

        if (x.Denormal)
            context.Raise(FloatExceptions.Denormal);
        if (context.IsBlocked)
            return false;
        rest = Reduce(in x, out quadrant);
        return true;
    }

    // pi/2 is 0x3243F6A8885A308D3 * 2^-65 for the processor; the multiple of it next to x is taken away exactly.
    private static WideFloat Reduce(in Operand x, out int quadrant)
    {
        quadrant = 0;
        if (x.Exponent < -1)
            return WideFloat.From(in x);
        UInt128 half = new(3, 0x243f_6a88_85a3_08d3);
        UInt128 value = (UInt128)x.Significand << (x.Exponent + 2);
        (UInt128 quotient, UInt128 rest) = UInt128.DivRem(value, half);
        bool up = rest > half - rest;
        if (up)
        {
            quotient++;
            rest = half - rest;
        }

        quadrant = x.Sign ? -(int)((ulong)quotient & 3) & 3 : (int)((ulong)quotient & 3);
        return WideFloat.From(x.Sign != up, rest, -65);
    }

    private static Float80 Deliver(WideFloat value, ref FloatContext context)
    {
        Unrounded result = value.ToUnrounded(inexact: true);
        return X87Arithmetic.Complete(in result, denormal: false, 64, ref context);
    }
}
