namespace Otherworld.Guest.Inspection;

/// <summary>A process that has a page of memory in its page tables.</summary>
/// <param name="Pid">Its process id.</param>
/// <param name="Name">Its command.</param>
/// <param name="Address">Where it sees the page.</param>
/// <param name="Writable">Whether its page table lets it write there.</param>
public sealed record PageUser(int Pid, string Name, ulong Address, bool Writable);
