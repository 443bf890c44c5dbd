namespace Emu.X86.Semantics.Float;

/// <summary>Floating-point exceptions, at the bit positions MXCSR and the x87 status and control words share. SDM 1, 4.9.1.</summary>
[Flags]
public enum FloatExceptions : byte
{
    None = 0,
    Invalid = 1,
    Denormal = 2,
    ZeroDivide = 4,
    Overflow = 8,
    Underflow = 16,
    Precision = 32,

    /// <summary>Found before the operation is carried out: unmasked, they leave the destination as it was.</summary>
    PreComputation = Invalid | Denormal | ZeroDivide,
    All = 63,
}
