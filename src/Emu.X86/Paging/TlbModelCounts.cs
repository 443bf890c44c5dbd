namespace Emu.X86.Paging;

/// <summary>What a <see cref="TlbModel"/> has counted.</summary>
/// <param name="FirstMisses">Look-ups that the first level could not answer.</param>
/// <param name="Walks">Those of them that the second could not answer either.</param>
public readonly record struct TlbModelCounts(ulong FirstMisses, ulong Walks)
{
    public static TlbModelCounts operator -(TlbModelCounts left, TlbModelCounts right) => new(left.FirstMisses - right.FirstMisses, left.Walks - right.Walks);

    /// <summary>The difference, as <c>-</c> has it.</summary>
    public static TlbModelCounts Subtract(TlbModelCounts left, TlbModelCounts right) => left - right;
}
