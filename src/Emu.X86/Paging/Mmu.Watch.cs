using Emu.Core;
using Emu.Core.Memory;

namespace Emu.X86.Paging;

/// <content>
/// Watched memory. A frame with a watched byte never gets a TLB entry that writes to it (or reads it, if reads count), so its accesses take the
/// slow path and the write door, which look here; all others are as fast as ever. The guest cannot tell.
/// </content>
public sealed unsafe partial class Mmu
{
    private readonly List<WatchedRange> _watchedRanges = [];

    /// <summary>A watched access has happened since <see cref="ForgetWatchHit"/>: runs end behind the instruction that made it, or at once.</summary>
    public bool IsWatchHit { get; private set; }

    /// <summary>What was accessed first; meaningful while <see cref="IsWatchHit"/>.</summary>
    public WatchedRange WatchHit { get; private set; }

    /// <summary>Replaces all watched ranges. Between runs only.</summary>
    /// <exception cref="InternalErrorException">A range is empty, crosses a frame or is not RAM.</exception>
    public void Watch(IReadOnlyCollection<WatchedRange> ranges)
    {
        if (ranges.Count + _watchedRanges.Count == 0)
            return;
        foreach (WatchedRange range in _watchedRanges)
            _memory.Flags[OffsetOf(range) >> 12] &= unchecked((byte)~(FrameFlags.Watch | FrameFlags.WatchReads));
        _watchedRanges.Clear();
        _watchedRanges.AddRange(ranges);
        foreach (WatchedRange range in _watchedRanges)
        {
            FrameFlags flags = (range.Kinds & WatchKinds.Read) != 0 ? FrameFlags.Watch | FrameFlags.WatchReads : FrameFlags.Watch;
            _memory.Flags[OffsetOf(range) >> 12] |= (byte)flags;
        }

        FlushAll();
    }

    /// <summary>Lets runs go on behind a hit.</summary>
    public void ForgetWatchHit() => IsWatchHit = false;

    /// <summary>An access to a frame with a watched byte.</summary>
    internal void NoteWatched(ulong offset, int length, WatchKinds kind)
    {
        ulong physical = GuestMemory.PhysicalOf(offset);
        foreach (WatchedRange range in _watchedRanges)
        {
            if (IsWatchHit || (range.Kinds & kind) == 0 || physical >= range.Physical + (ulong)range.Length || range.Physical >= physical + (ulong)length)
                continue;
            IsWatchHit = true;
            WatchHit = range;
            _cpu->BusTouched = true; // the run ends behind the instruction
        }
    }

    private bool AreReadsWatched(ulong offset) => (_memory.Flags[offset >> 12] & (byte)FrameFlags.WatchReads) != 0;

    private ulong OffsetOf(WatchedRange range)
    {
        Check.That(range.Length > 0 && (range.Physical & 0xFFF) + (ulong)range.Length <= GuestMemory.FrameSize, "a watched range lies in one frame");
        Check.That(_memory.TryOffset(range.Physical, out ulong offset), "only RAM can be watched");
        return offset;
    }
}
