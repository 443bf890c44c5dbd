using Otherworld.Guest.Inspection;

namespace Otherworld.Guest.Exploring;

/// <summary>A memory area of a process of a dead kernel.</summary>
/// <param name="Area">As the dead kernel had it.</param>
/// <param name="Pages">Its pages that were in memory, by ascending address.</param>
public sealed record AreaFates(MemoryArea Area, IReadOnlyList<FatedPage> Pages);
