namespace Emu.X86.Semantics.Float;

/// <summary>
/// A result before rounding: (High:Low) * 2^(Exponent - 127), bit 63 of High set. Low's bit 0 also stands for everything below it (sticky).
/// </summary>
internal struct Unrounded
{
    internal UnroundedKind Kind;
    internal bool Sign;
    internal int Exponent;
    internal ulong High;
    internal ulong Low;

    internal static Unrounded Of(UnroundedKind kind, bool sign) => new() { Kind = kind, Sign = sign };

    internal static Unrounded Of(bool sign, int exponent, ulong high, ulong low) =>
        new() { Kind = UnroundedKind.Finite, Sign = sign, Exponent = exponent, High = high, Low = low };

    /// <summary>An operand that is not a NaN, as a result.</summary>
    internal static Unrounded Of(in Operand operand) => operand.Class switch
    {
        FloatClass.Zero => Of(UnroundedKind.Zero, operand.Sign),
        FloatClass.Infinity => Of(UnroundedKind.Infinity, operand.Sign),
        _ => Of(operand.Sign, operand.Exponent, operand.Significand, 0),
    };
}
