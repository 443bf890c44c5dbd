namespace Otherworld.Guest.Inspection;

/// <summary>A page that a process has in its page tables.</summary>
/// <param name="Linear">Where the process sees it.</param>
/// <param name="Physical">Where it is.</param>
/// <param name="IsAnonymous">It is memory of the process's own, not a page of a file.</param>
public readonly record struct UserPage(ulong Linear, ulong Physical, bool IsAnonymous);
