using Emu.Core.Memory;
using Emu.X86.Exceptions;
using Emu.X86.State;

namespace Emu.X86.Paging;

/// <content>The page walk of SDM 3A chapter 4. Accessed and dirty bits are set as every access would set them.</content>
public sealed unsafe partial class Mmu
{
    private const ulong Present = 1 << 0;
    private const ulong WritableBit = 1 << 1;
    private const ulong UserBit = 1 << 2;
    private const ulong AccessedBit = 1 << 5;
    private const ulong DirtyBit = 1 << 6;
    private const ulong LargeBit = 1 << 7;
    private const ulong NoExecute = 1UL << 63;
    private const ulong AddressMask = 0x000F_FFFF_FFFF_F000;

    private const uint ErrorPresent = 1;
    private const uint ErrorWrite = 2;
    private const uint ErrorUser = 4;
    private const uint ErrorReserved = 8;
    private const uint ErrorFetch = 16;

    /// <summary>Translates one linear address for one kind of access by one view.</summary>
    /// <returns>False for a page fault, recorded in <see cref="Cpu.Fault"/>.</returns>
    public bool TryTranslate(ulong linear, PageAccess access, int view, out PageWalk walk)
    {
        if ((_cpu->State.Cr0 & ControlBits.Cr0Pg) == 0)
        {
            walk = new PageWalk(linear & 0xFFFF_FFFF, true);
            return true;
        }

        if ((_cpu->State.Efer & ControlBits.EferLma) == 0)
            return TryTranslateLegacy((uint)linear, access, view, out walk);

        bool user = view == TlbView.User;
        ulong table = _cpu->State.Cr3 & AddressMask;
        ulong permissions = WritableBit | UserBit;
        bool noExecute = false;
        for (int level = 4; ; level--)
        {
            int shift = 12 + (9 * (level - 1));
            ulong slot = table + (((linear >> shift) & 0x1FF) * 8);
            ulong entry = _memory.Read<ulong>(slot);
            if ((entry & Present) == 0)
                return PageFault(linear, access, user, 0, out walk);
            bool large = level is 2 or 3 && (entry & LargeBit) != 0;
            if (HasReservedBits(entry, level, large))
                return PageFault(linear, access, user, ErrorPresent | ErrorReserved, out walk);
            permissions &= entry;
            noExecute |= (entry & NoExecute) != 0;
            if (level > 1 && !large)
            {
                if (level == TopLevel)
                    NoteTopEntry(linear);
                NoteTable(slot, linear, level, access == PageAccess.Execute);
                if ((entry & AccessedBit) == 0)
                    SetEntryBits(slot, entry | AccessedBit);
                table = entry & AddressMask;
                continue;
            }

            if (!Allowed(access, view, permissions, noExecute))
                return PageFault(linear, access, user, ErrorPresent, out walk);
            NoteTable(slot, linear, level, access == PageAccess.Execute);
            ulong wanted = entry | AccessedBit | (access == PageAccess.Write ? DirtyBit : 0);
            if (wanted != entry)
                SetEntryBits(slot, wanted);
            ulong offsetMask = (1UL << shift) - 1;
            ulong physical = (entry & AddressMask & ~offsetMask) | (linear & offsetMask);
            bool writable = (wanted & DirtyBit) != 0 && Allowed(PageAccess.Write, view, permissions, noExecute);
            walk = new PageWalk(physical, writable);
            if (_model is not null)
                NoteAccess(linear, access, shift, entry);
            return true;
        }
    }

    private bool Allowed(PageAccess access, int view, ulong permissions, bool noExecute)
    {
        bool userPage = (permissions & UserBit) != 0;
        if (view == TlbView.User)
        {
            if (!userPage || (access == PageAccess.Write && (permissions & WritableBit) == 0))
                return false;
        }
        else if (access == PageAccess.Execute)
        {
            if (userPage && (_cpu->State.Cr4 & ControlBits.Cr4Smep) != 0)
                return false;
        }
        else
        {
            if (userPage && view == TlbView.SupervisorSmap)
                return false;
            if (access == PageAccess.Write && (permissions & WritableBit) == 0 && (_cpu->State.Cr0 & ControlBits.Cr0Wp) != 0)
                return false;
        }

        return access != PageAccess.Execute || !noExecute || (_cpu->State.Efer & ControlBits.EferNxe) == 0;
    }

    private bool HasReservedBits(ulong entry, int level, bool large)
    {
        ulong reserved = ReservedPhysical;
        if ((_cpu->State.Efer & ControlBits.EferNxe) == 0)
            reserved |= NoExecute;
        if (level == 4)
            reserved |= LargeBit;
        if (large)
            reserved |= ((1UL << (12 + (9 * (level - 1)))) - 1) & ~0x1FFFUL; // bits between the PAT bit and the frame
        return (entry & reserved) != 0;
    }

    private bool PageFault(ulong linear, PageAccess access, bool user, uint code, out PageWalk walk)
    {
        bool pae = (_cpu->State.Cr4 & ControlBits.Cr4Pae) != 0;
        bool fetchBit = (_cpu->State.Cr4 & ControlBits.Cr4Smep) != 0 || (pae && (_cpu->State.Efer & ControlBits.EferNxe) != 0);
        code |= access == PageAccess.Write ? ErrorWrite : access == PageAccess.Execute && fetchBit ? ErrorFetch : 0;
        _cpu->Fault = new Fault(Vector.Pf, code | (user ? ErrorUser : 0), linear);
        walk = default;
        return false;
    }

    /// <summary>The walker's own write: through the write door for dirtiness and code, but what it caches itself stays valid.</summary>
    private void SetEntryBits(ulong slot, ulong value)
    {
        if (!_memory.TryOffset(slot, out ulong offset))
            return;
        if ((_memory.Flags[offset >> 12] & (byte)FrameFlags.Code) != 0)
            _processor.Blocks.BeforeWrite(offset, 8);
        if ((_memory.Flags[offset >> 12] & (byte)FrameFlags.Watch) != 0)
            NoteWatched(offset, 8, WatchKinds.Write);
        _memory.MarkDirty((uint)(offset >> 12));
        *(ulong*)(_memory.Base + offset) = value;
    }
}
