using Emu.Core.Memory;

namespace Emu.X86.Paging;

/// <content>
/// Host memory for the length of one operation, without a TLB entry: a copy between two pages that share an entry would else fill it anew for each element.
/// </content>
public sealed unsafe partial class Mmu
{
    /// <summary>Where the page of an address of long mode lies in the host, for the view of now. The caller stays within the page and is done before anything else runs.</summary>
    /// <returns>
    /// False unless the fast path could have it: RAM that nobody watches, and a walk that changes no entry. So asking is invisible, and who needs an accessed bit
    /// or a fault makes the access in the ordinary way.
    /// </returns>
    internal bool TryBorrow(ulong linear, PageAccess access, out byte* host)
    {
        host = null;
        if (!HasFastPath || !IsCanonical(linear) || !TryPeek(linear, access, CurrentView, out ulong offset))
            return false;
        host = _memory.Base + offset;
        return access == PageAccess.Write ? IsOpenToWrites((uint)(offset >> 12)) : !AreReadsWatched(offset);
    }

    /// <summary>A walk of four levels that succeeds only where all accessed and dirty bits are set already.</summary>
    private bool TryPeek(ulong linear, PageAccess access, int view, out ulong offset)
    {
        ulong table = _cpu->State.Cr3 & AddressMask;
        ulong permissions = WritableBit | UserBit;
        for (int level = TopLevel; ; level--)
        {
            int shift = 12 + (9 * (level - 1));
            ulong slot = table + (((linear >> shift) & 0x1FF) * 8);
            ulong entry = _memory.Read<ulong>(slot);
            bool large = level is 2 or 3 && (entry & LargeBit) != 0;
            bool leaf = level == LowestLevel || large;
            ulong needed = Present | AccessedBit | (leaf && access == PageAccess.Write ? DirtyBit : 0);
            offset = 0;
            if ((entry & needed) != needed || HasReservedBits(entry, level, large))
                return false;
            if (level == TopLevel)
                NoteTopEntry(linear);
            NoteTable(slot, linear, level, execute: false); // so that a write to a table, made through the other page, is seen to be one
            permissions &= entry;
            if (!leaf)
            {
                table = entry & AddressMask;
                continue;
            }

            ulong offsetMask = (1UL << shift) - 1;
            return Allowed(access, view, permissions, noExecute: false)
                && _memory.TryOffset((entry & AddressMask & ~offsetMask) | (linear & offsetMask), out offset);
        }
    }

    /// <summary>Stores may go to the frame without the write door.</summary>
    private bool IsOpenToWrites(uint frame)
        => (_memory.Flags[frame] & (byte)(FrameFlags.Dirty | FrameFlags.Code | FrameFlags.PageTable | FrameFlags.Watch)) == (byte)FrameFlags.Dirty;
}
