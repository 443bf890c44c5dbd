using Emu.Core.Memory;

namespace Otherworld.Guest.Inspection;

/// <summary>What the page tables of a process map: every present page of the user half, and the tables themselves.</summary>
/// <param name="kernel">The kernel.</param>
internal sealed class UserPages(KernelReader kernel)
{
    private const ulong Present = 1, Writable = 2, Large = 0x80;
    private const ulong FrameMask = 0x000F_FFFF_FFFF_F000;
    private const int Entries = 512;
    private const int UserEntries = 256; // of the top table
    private const int Levels = 4;

    private readonly KernelReader _kernel = kernel;

    /// <summary>Is told each mapping: linear address, physical address, bytes, whether it may be written.</summary>
    public required Action<ulong, ulong, ulong, bool> Mapping { get; init; }

    /// <summary>Is told the physical address of each table.</summary>
    public required Action<ulong> Table { get; init; }

    /// <summary>Walks all tables of an address space. One that is met twice is damage, and not walked again: a damaged tree cannot be endless.</summary>
    /// <param name="memory">A <c>mm_struct</c>.</param>
    /// <param name="where">Whose it is, for damage.</param>
    public void Walk(KernelObject memory, string where)
    {
        ulong top = memory.Word("pgd");
        if (!_kernel.Kernel.Memory.TryTranslate(_kernel.Kernel.Root, top, out ulong physical))
            throw new KernelDamageException(memory.AddressOf("pgd"), $"{top:x16} is not mapped");
        HashSet<ulong> tables = [];
        Walk(physical, 0, Levels);

        void Walk(ulong table, ulong first, int level)
        {
            byte[] entries = new byte[GuestMemory.FrameSize];
            if (!_kernel.Kernel.Memory.TryRead(table, entries))
            {
                _kernel.Report(where, KernelInstance.DirectMap + table, "a page table that is no RAM");
                return;
            }

            if (!tables.Add(table))
            {
                _kernel.Report(where, KernelInstance.DirectMap + table, "a page table that is there twice");
                return;
            }

            Table(table);
            int shift = 12 + (9 * (level - 1));
            for (int i = 0; i < (level == Levels ? UserEntries : Entries); i++)
            {
                ulong entry = BitConverter.ToUInt64(entries, i * 8);
                ulong linear = first + ((ulong)i << shift);
                if ((entry & Present) == 0)
                    continue;
                if (level == 1 || (level < Levels && (entry & Large) != 0))
                    Mapping(linear, entry & FrameMask & ~((1UL << shift) - 1), 1UL << shift, (entry & Writable) != 0);
                else
                    Walk(entry & FrameMask, linear, level - 1);
            }
        }
    }
}
