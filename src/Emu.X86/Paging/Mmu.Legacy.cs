namespace Emu.X86.Paging;

/// <content>32-bit paging, with and without PAE (SDM 3A 4.3, 4.4).</content>
public sealed unsafe partial class Mmu
{
    private bool TryTranslateLegacy(uint linear, PageAccess access, int view, out PageWalk walk)
        => PageFault(linear, access, view == TlbView.User, 0, out walk);
}
