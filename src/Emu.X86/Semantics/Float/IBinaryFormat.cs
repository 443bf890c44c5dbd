namespace Emu.X86.Semantics.Float;

/// <summary>An interchange format of at most 64 bits; values travel in the low bits of a ulong.</summary>
public interface IBinaryFormat
{
    /// <summary>Significand bits with the hidden one.</summary>
    static abstract int Precision { get; }

    /// <summary>Bits in the exponent field.</summary>
    static abstract int ExponentBits { get; }
}
