namespace Emu.X86.Semantics.Float;

/// <summary>
/// A rounded result. Finite: Significand * 2^(Exponent - 63); bit 63 of the significand is clear only for denormals, whose exponent is the format's least.
/// </summary>
internal readonly record struct Rounded(UnroundedKind Kind, bool Sign, int Exponent, ulong Significand);
