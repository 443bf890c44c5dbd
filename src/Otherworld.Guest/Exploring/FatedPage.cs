namespace Otherworld.Guest.Exploring;

/// <summary>A page of a process of a dead kernel, and what became of it.</summary>
/// <param name="Linear">Where the process saw it.</param>
/// <param name="Before">Where it was, physical.</param>
/// <param name="After">Where it is now, physical; null where it is not in the page tables.</param>
/// <param name="Fate">What became of it.</param>
public readonly record struct FatedPage(ulong Linear, ulong Before, ulong? After, PageFate Fate);
