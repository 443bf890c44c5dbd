namespace Emu.X86.Paging;

/// <summary>Accesses that a watched range waits for.</summary>
[Flags]
public enum WatchKinds : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Writes: by instructions, by the delivery of exceptions, by page walks, by devices.</summary>
    Write = 1,

    /// <summary>Reads by instructions and implicit ones (descriptor tables), but no instruction fetches, page walks or devices.</summary>
    Read = 2,
}
