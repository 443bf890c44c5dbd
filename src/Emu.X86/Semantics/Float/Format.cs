namespace Emu.X86.Semantics.Float;

/// <summary>Constants that follow from a format, and its special values.</summary>
internal static class Format<T> where T : struct, IBinaryFormat
{
    internal static int FractionBits => T.Precision - 1;

    internal static int MaxExponent => (1 << (T.ExponentBits - 1)) - 1;

    internal static int MinExponent => 1 - MaxExponent;

    internal static ulong FractionMask => (1UL << FractionBits) - 1;

    internal static ulong ExponentMask => ((1UL << T.ExponentBits) - 1) << FractionBits;

    internal static ulong SignBit => 1UL << (FractionBits + T.ExponentBits);

    internal static ulong QuietBit => 1UL << (FractionBits - 1);

    /// <summary>QNaN floating-point indefinite. SDM 1, table 4-3.</summary>
    internal static ulong Indefinite => SignBit | ExponentMask | QuietBit;

    internal static ulong Sign(bool sign) => sign ? SignBit : 0;

    internal static ulong Infinity(bool sign) => Sign(sign) | ExponentMask;

    internal static bool IsNaN(ulong value) => (value & ~SignBit) > ExponentMask;

    internal static bool IsSignaling(ulong value) => IsNaN(value) && (value & QuietBit) == 0;

    internal static bool IsDenormal(ulong value) => (value & ExponentMask) == 0 && (value & FractionMask) != 0;
}
