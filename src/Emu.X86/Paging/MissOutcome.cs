namespace Emu.X86.Paging;

/// <summary>What <see cref="Mmu.ServeMiss"/> did.</summary>
public enum MissOutcome
{
    /// <summary>The TLB now has the entry: run the op again.</summary>
    Filled,

    /// <summary>The access faults; <c>Cpu.Fault</c> is set.</summary>
    Fault,

    /// <summary>No entry may be filled: the op must run alone.</summary>
    Alone,

    /// <summary>The same for a write to a page table, announced already.</summary>
    Watched,
}
