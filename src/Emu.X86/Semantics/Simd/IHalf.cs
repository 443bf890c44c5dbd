namespace Emu.X86.Semantics.Simd;

/// <summary>A quadword of an XMM register.</summary>
internal interface IHalf
{
    /// <summary>0 or 1.</summary>
    static abstract int Index { get; }
}
