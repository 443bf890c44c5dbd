namespace Emu.X86.Semantics.Float;

/// <summary>Power series in 128-bit arithmetic, by Horner's rule with enough terms for 120 bits in the range each names.</summary>
internal static class WideSeries
{
    /// <summary>sin(x) for |x| at most pi/4.</summary>
    internal static WideFloat Sine(WideFloat x)
    {
        WideFloat square = x * x, sum = WideFloat.One;
        for (uint n = 30; n >= 2; n -= 2)
            sum = WideFloat.One - (square * sum).DividedBy(n * (n + 1));
        return x * sum;
    }

    /// <summary>cos(x) for |x| at most pi/4.</summary>
    internal static WideFloat Cosine(WideFloat x)
    {
        WideFloat square = x * x, sum = WideFloat.One;
        for (uint n = 32; n >= 2; n -= 2)
            sum = WideFloat.One - (square * sum).DividedBy((n - 1) * n);
        return sum;
    }

    /// <summary>e^x - 1 for |x| at most ln 2.</summary>
    internal static WideFloat ExponentialMinusOne(WideFloat x)
    {
        WideFloat sum = WideFloat.One;
        for (uint n = 34; n >= 2; n--)
            sum = WideFloat.One + (x * sum).DividedBy(n);
        return x * sum;
    }

    /// <summary>atan(x) for |x| at most 1/4.</summary>
    internal static WideFloat ArcTangent(WideFloat x) => x * Odd((x * x).Negated, 33);

    /// <summary>atanh(x) for |x| at most 0.18.</summary>
    internal static WideFloat HyperbolicArcTangent(WideFloat x) => x * Odd(x * x, 26);

    // 1 + z/3 + z^2/5 + ...
    private static WideFloat Odd(WideFloat z, uint terms)
    {
        WideFloat sum = default;
        for (uint k = terms; k >= 1; k--)
            sum = z * (WideFloat.One.DividedBy(2 * k + 1) + sum);
        return WideFloat.One + sum;
    }
}
