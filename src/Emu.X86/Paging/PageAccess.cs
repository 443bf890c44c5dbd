namespace Emu.X86.Paging;

/// <summary>What an access wants (SDM 3A 4.6).</summary>
public enum PageAccess
{
    Read,
    Write,
    Execute,
}
