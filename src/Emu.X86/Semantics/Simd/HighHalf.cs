namespace Emu.X86.Semantics.Simd;

/// <summary>Bits 127:64.</summary>
internal readonly struct HighHalf : IHalf
{
    /// <inheritdoc/>
    public static int Index => 1;
}
