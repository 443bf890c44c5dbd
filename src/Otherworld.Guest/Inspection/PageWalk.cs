namespace Otherworld.Guest.Inspection;

/// <summary>Page tables of 512 entries of 8 bytes, read from outside (SDM 3A 4.4, 4.5): no accessed bits, no TLB.</summary>
internal static class PageWalk
{
    private const ulong Present = 1;
    private const ulong Large = 1 << 7;
    private const ulong AddressMask = 0x000F_FFFF_FFFF_F000;

    /// <summary>Physical address of a linear one.</summary>
    /// <param name="root">The top table, as in CR3.</param>
    /// <param name="linear">The address.</param>
    /// <param name="read">Reads an entry by its physical address; 0 where there is no RAM.</param>
    /// <param name="physical">Where it is.</param>
    /// <param name="levels">4; 2 for what a page-directory pointer of PAE leads to.</param>
    /// <returns>False where nothing is mapped.</returns>
    public static bool TryTranslate(ulong root, ulong linear, Func<ulong, ulong> read, out ulong physical, int levels = 4)
    {
        ulong table = root & AddressMask;
        for (int level = levels; ; level--)
        {
            int shift = 12 + (9 * (level - 1));
            ulong entry = read(table + (((linear >> shift) & 0x1FF) * 8));
            physical = 0;
            if ((entry & Present) == 0)
                return false;
            if (level == 1 || (level < 4 && (entry & Large) != 0))
            {
                ulong mask = (1UL << shift) - 1;
                physical = (entry & AddressMask & ~mask) | (linear & mask);
                return true;
            }

            table = entry & AddressMask;
        }
    }
}
