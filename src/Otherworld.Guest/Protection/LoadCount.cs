using Emu.X86.Paging;

namespace Otherworld.Guest.Protection;

/// <summary>What one load cost under one kernel.</summary>
/// <param name="Instructions">Retired, in kernel and user mode.</param>
/// <param name="Misses">Of a <see cref="TlbModel"/>.</param>
public readonly record struct LoadCount(ulong Instructions, TlbModelCounts Misses)
{
    /// <summary>Cycles that a miss of the first level costs when the second has the page: an assumption.</summary>
    public const int SecondLevelCycles = 7;

    /// <summary>Cycles of a walk, whose entries are mostly in the caches: an assumption.</summary>
    public const int WalkCycles = 30;

    /// <summary>A time in cycles: one for each instruction, and those of the misses. An estimate, and a pessimistic one where a processor runs more than one instruction a cycle or walks beside them.</summary>
    public double Cycles => Instructions + ((double)(Misses.FirstMisses - Misses.Walks) * SecondLevelCycles) + ((double)Misses.Walks * WalkCycles);
}
