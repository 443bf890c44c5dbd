namespace Emu.X86.Semantics.Float;

/// <summary>Double precision.</summary>
public readonly struct Binary64 : IBinaryFormat
{
    /// <inheritdoc/>
    public static int Precision => 53;

    /// <inheritdoc/>
    public static int ExponentBits => 11;
}
