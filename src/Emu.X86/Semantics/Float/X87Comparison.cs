namespace Emu.X86.Semantics.Float;

/// <summary>FCOM, FUCOM, FTST, FXAM and their like.</summary>
public static class X87Comparison
{
    /// <summary>Compares registers. Unsupported operands and signaling NaNs are invalid, quiet NaNs only with <paramref name="signalQuiet"/> (FCOM, FTST).</summary>
    public static Relation Compare(Float80 a, Float80 b, bool signalQuiet, ref FloatContext context)
    {
        Operand x = Operand.From(a), y = Operand.From(b);
        if (x.Class >= FloatClass.QuietNaN || y.Class >= FloatClass.QuietNaN)
        {
            if (signalQuiet || x.Class > FloatClass.QuietNaN || y.Class > FloatClass.QuietNaN)
                context.Raise(FloatExceptions.Invalid);
            return Relation.Unordered;
        }
        if (x.Denormal || y.Denormal || context.DenormalSource)
            context.Raise(FloatExceptions.Denormal);
        if (x.Class == FloatClass.Zero && y.Class == FloatClass.Zero)
            return Relation.Equal;
        int left = Signum(in x), right = Signum(in y);
        if (left != right)
            return left < right ? Relation.Less : Relation.Greater;
        int order = CompareMagnitude(in x, in y);
        if (order == 0)
            return Relation.Equal;
        return order < 0 != x.Sign ? Relation.Less : Relation.Greater;
    }

    /// <summary>C3 C2 C0 of FXAM as bits 2, 1, 0; the caller handles empty registers (5). SDM 2A, table 3-41.</summary>
    public static int Examine(Float80 a)
    {
        Operand x = Operand.From(a);
        return x.Class switch
        {
            FloatClass.Unsupported => 0,
            FloatClass.QuietNaN or FloatClass.SignalingNaN => 1,
            FloatClass.Infinity => 3,
            FloatClass.Zero => 4,
            _ => x.Denormal ? 6 : 2,
        };
    }

    private static int Signum(in Operand x) => x.Class == FloatClass.Zero ? 0 : x.Sign ? -1 : 1;

    private static int CompareMagnitude(in Operand x, in Operand y)
    {
        if (x.Class == FloatClass.Infinity || y.Class == FloatClass.Infinity)
            return (x.Class == FloatClass.Infinity ? 1 : 0) - (y.Class == FloatClass.Infinity ? 1 : 0);
        return x.Exponent != y.Exponent ? x.Exponent.CompareTo(y.Exponent) : x.Significand.CompareTo(y.Significand);
    }
}
