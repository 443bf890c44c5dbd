namespace Emu.X86.Semantics.Float;

/// <summary>F2XM1.</summary>
public static class X87Exponential
{
    /// <summary>2^a - 1 for a from -1 to 1; beyond, where the result is undefined, the operand itself. SDM 2A, F2XM1.</summary>
    public static Float80 PowerMinusOne(Float80 a, ref FloatContext context)
    {
        Operand x = Operand.From(a);
        if (X87Arithmetic.TrySpecial(in x, in x, a, a, ref context, out Float80 special))
            return special;
        if (x.Class == FloatClass.Infinity)
            return x.Sign ? X87Arithmetic.Exact(SseConversion.OfInteger(-1)) : a;
        if (x.Class == FloatClass.Zero || x.Exponent > 0)
            return a;
        if (x.Exponent == 0)
        {
            if (x.Significand != Float80.IntegerBit)
                return a;
            // Exact, but the processor says inexact all the same.
            context.Raise(FloatExceptions.Precision);
            return x.Sign ? X87Arithmetic.Exact(Unrounded.Of(true, -1, Float80.IntegerBit, 0)) : a;
        }

        Unrounded result = WideSeries.ExponentialMinusOne(WideFloat.From(in x) * WideFloat.LnOf2).ToUnrounded(inexact: true);
        return X87Arithmetic.Complete(in result, x.Denormal, 64, ref context);
    }
}
