namespace Emu.X86.Semantics.Simd;

/// <summary>Bits 63:0.</summary>
internal readonly struct LowHalf : IHalf
{
    /// <inheritdoc/>
    public static int Index => 0;
}
