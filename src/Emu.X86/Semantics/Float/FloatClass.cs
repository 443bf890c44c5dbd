namespace Emu.X86.Semantics.Float;

/// <summary>What an operand is, for the rules of special values.</summary>
public enum FloatClass : byte
{
    Zero,
    /// <summary>Finite and not zero; normal or denormal.</summary>
    Finite,
    Infinity,
    QuietNaN,
    SignalingNaN,
    /// <summary>x87 only: unnormal, pseudo-infinity or pseudo-NaN. SDM 1, 8.2.2.</summary>
    Unsupported,
}
