using System.Collections.Immutable;

namespace Otherworld.Guest.Benchmarks;

/// <summary>What campaigns cost: time for each application, and memory for all workers together.</summary>
/// <param name="Apps">Each application.</param>
/// <param name="Workers">Machines at once, where there are several.</param>
/// <param name="GuestMemory">Bytes of RAM of a machine that dies.</param>
/// <param name="PeakOfOne">Most resident bytes of the whole program with one worker.</param>
/// <param name="PeakOfAll">The same with <paramref name="Workers"/>.</param>
/// <param name="PerMinute">Experiments a minute of all workers together, with everything around them.</param>
public sealed record CampaignFigures(ImmutableArray<CampaignFigure> Apps, int Workers, ulong GuestMemory, long PeakOfOne, long PeakOfAll, double PerMinute)
{
    /// <summary>Bytes for each worker more; null where there was one only.</summary>
    public long? PerWorker => Workers > 1 ? (PeakOfAll - PeakOfOne) / (Workers - 1) : null;

    /// <summary>What so many workers may take: their guests' RAM, once more for the warm states, and 1 GiB.</summary>
    public long Allowed => ((Workers + 1) * (long)GuestMemory) + (1L << 30);
}
