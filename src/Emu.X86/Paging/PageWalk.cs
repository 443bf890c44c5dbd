namespace Emu.X86.Paging;

/// <summary>Result of a successful translation.</summary>
/// <param name="Physical">Physical address of the byte asked for.</param>
/// <param name="Writable">A write by the same view would also succeed without touching the page tables (the dirty bit is set).</param>
public readonly record struct PageWalk(ulong Physical, bool Writable);
