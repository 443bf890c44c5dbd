namespace Emu.Core.Memory;

/// <summary>One byte for each 4 KiB frame of guest RAM.</summary>
[Flags]
public enum FrameFlags : byte
{
    /// <summary>Nothing known.</summary>
    None = 0,

    /// <summary>Written since a snapshot or <see cref="GuestMemory.TakeFresh"/> last cleared the flag; the frame is in both lists of <see cref="GuestMemory"/>.</summary>
    Dirty = 1,

    /// <summary>Decoded or translated code comes from this frame; a write must tell the processor.</summary>
    Code = 2,

    /// <summary>The processor walked this frame as a page table and caches what it found; a write must tell the processor.</summary>
    PageTable = 4,

    /// <summary>Somebody outside waits for a write to this frame; a write must tell the processor.</summary>
    Watch = 8,

    /// <summary>Reads are waited for too; always together with <see cref="Watch"/>.</summary>
    WatchReads = 16,

    /// <summary>Written since a snapshot: the frame is in <see cref="GuestMemory.DirtyFrames"/>.</summary>
    Listed = 32,
}
