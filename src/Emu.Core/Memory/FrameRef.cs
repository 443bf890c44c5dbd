namespace Emu.Core.Memory;

/// <summary>Where the contents of a frame lie; without a region the frame is all zeroes.</summary>
/// <param name="Region">Null for zeroes.</param>
/// <param name="Index">Within the region.</param>
public readonly record struct FrameRef(PageRegion? Region, int Index)
{
    /// <summary>All zeroes.</summary>
    public bool IsZero => Region is null;

    /// <summary>The frame's 4096 bytes; only for one that is not zero.</summary>
    public ReadOnlySpan<byte> Bytes => Region![Index];

    /// <summary>XxHash128 of the bytes; only for one that is not zero.</summary>
    public UInt128 Hash => Region!.Hash(Index);
}
