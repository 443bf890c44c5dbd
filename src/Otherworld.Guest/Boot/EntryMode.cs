namespace Otherworld.Guest.Boot;

/// <summary>How the processor runs the first instruction of a kernel.</summary>
public enum EntryMode
{
    /// <summary>Protected mode, 32-bit flat segments, paging off.</summary>
    Protected32,

    /// <summary>Long mode with page tables that map the first 4 GiB to themselves.</summary>
    Long64,
}
