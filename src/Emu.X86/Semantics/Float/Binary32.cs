namespace Emu.X86.Semantics.Float;

/// <summary>Single precision.</summary>
public readonly struct Binary32 : IBinaryFormat
{
    /// <inheritdoc/>
    public static int Precision => 24;

    /// <inheritdoc/>
    public static int ExponentBits => 8;
}
