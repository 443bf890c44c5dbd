namespace Emu.X86.Semantics.Float;

/// <summary>Rounding control, as encoded in MXCSR.RC, FCW.RC and the ROUNDSS immediate. SDM 1, table 4-8.</summary>
public enum RoundingMode : byte
{
    NearestEven = 0,
    Down = 1,
    Up = 2,
    TowardZero = 3,
}
