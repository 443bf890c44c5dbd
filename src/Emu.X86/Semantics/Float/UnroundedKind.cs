namespace Emu.X86.Semantics.Float;

/// <summary>What an operation on numbers yields before rounding.</summary>
internal enum UnroundedKind : byte
{
    Zero,
    Finite,
    Infinity,
    /// <summary>An invalid operation: the result is the default NaN.</summary>
    Invalid,
    /// <summary>An infinity from a finite dividend and a zero divisor.</summary>
    ZeroDivide,
}
