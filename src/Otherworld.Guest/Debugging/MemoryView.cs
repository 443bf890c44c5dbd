namespace Otherworld.Guest.Debugging;

/// <summary>Through whose page tables a debugger's addresses go.</summary>
public enum MemoryView
{
    /// <summary>Those in force now.</summary>
    Live,

    /// <summary>Those of the kernel that died last.</summary>
    Dead,

    /// <summary>None: addresses are physical.</summary>
    Physical,
}
