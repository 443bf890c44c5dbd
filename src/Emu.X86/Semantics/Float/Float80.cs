using System.Runtime.InteropServices;

namespace Emu.X86.Semantics.Float;

/// <summary>A double extended-precision value as an x87 register holds it: 64-bit significand with explicit integer bit, 15-bit exponent, sign. SDM 1, 4.2.2.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
public readonly record struct Float80(ulong Significand, ushort SignExponent)
{
    internal const int Bias = 16383;
    internal const int MinExponent = -16382;
    internal const int MaxExponent = 16383;
    internal const ulong IntegerBit = 1UL << 63;
    internal const ulong QuietBit = 1UL << 62;

    /// <summary>Real indefinite, the default NaN.</summary>
    public static Float80 Indefinite => new(IntegerBit | QuietBit, 0xffff);

    /// <summary>Sign bit.</summary>
    public bool Sign => SignExponent >> 15 != 0;

    /// <summary>The biased exponent.</summary>
    public int BiasedExponent => SignExponent & 0x7fff;

    /// <summary>The same value with another sign; NaNs included.</summary>
    public Float80 WithSign(bool sign) => new(Significand, (ushort)(SignExponent & 0x7fff | (sign ? 0x8000 : 0)));

    /// <summary>Zero with a sign.</summary>
    public static Float80 Zero(bool sign) => new(0, (ushort)(sign ? 0x8000 : 0));

    /// <summary>Infinity with a sign.</summary>
    public static Float80 Infinity(bool sign) => new(IntegerBit, (ushort)(sign ? 0xffff : 0x7fff));

    /// <summary>True for NaNs with an integer bit; pseudo-NaNs are unsupported, not NaNs.</summary>
    public bool IsNaN => BiasedExponent == 0x7fff && Significand > IntegerBit;

    /// <summary>Exponent zero but a significand: denormal or pseudo-denormal.</summary>
    public bool IsDenormal => BiasedExponent == 0 && Significand != 0;

    /// <summary>A pseudo-denormal with exponent 1, as the processor writes it; everything else unchanged.</summary>
    internal Float80 Canonical => BiasedExponent == 0 && Significand >= IntegerBit ? new(Significand, (ushort)(SignExponent | 1)) : this;

    /// <inheritdoc/>
    public override string ToString() => $"{SignExponent:x4}:{Significand:x16}";

    /// <summary>The NaN with its quiet bit set.</summary>
    internal Float80 Quieted => new(Significand | QuietBit, SignExponent);
}
