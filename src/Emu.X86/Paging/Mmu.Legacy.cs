using Emu.X86.Exceptions;
using Emu.X86.State;

namespace Emu.X86.Paging;

/// <content>32-bit paging, with and without PAE (SDM 3A 4.3, 4.4).</content>
public sealed unsafe partial class Mmu
{
    /// <summary>Level noted for tables whose entries are not tracked one by one: any write drops everything.</summary>
    private const int UntrackedLevel = 0;

    private const ulong PointerReserved = ReservedPhysical | 0xFFF0_0000_0000_01E6;

    /// <summary>Loads the four PDPTE registers for PAE paging (SDM 3A 4.4.1).</summary>
    /// <returns>False for #GP(0): a present entry has reserved bits set.</returns>
    internal bool TryLoadPointers(ulong cr3)
    {
        ulong table = cr3 & 0xFFFF_FFE0;
        ulong* pointers = stackalloc ulong[4];
        for (int i = 0; i < 4; i++)
        {
            pointers[i] = _memory.Read<ulong>(table + (8 * (ulong)i));
            if ((pointers[i] & Present) == 0 || (pointers[i] & PointerReserved) == 0)
                continue;
            _cpu->Fault = new Fault(Vector.Gp);
            return false;
        }

        for (int i = 0; i < 4; i++)
            _cpu->State.MsrSpare[FirstPointer + i] = pointers[i];
        return true;
    }

    /// <summary>Where the state keeps the PDPTE registers among its spare words.</summary>
    private const int FirstPointer = 4;

    private bool TryTranslateLegacy(uint linear, PageAccess access, int view, out PageWalk walk)
        => (_cpu->State.Cr4 & ControlBits.Cr4Pae) != 0
            ? TryTranslatePae(linear, access, view, out walk)
            : TryTranslate32(linear, access, view, out walk);

    /// <summary>Three levels of 8-byte entries; the first is in registers and has no rights (SDM 3A 4.4.2).</summary>
    private bool TryTranslatePae(uint linear, PageAccess access, int view, out PageWalk walk)
    {
        bool user = view == TlbView.User;
        ulong pointer = _cpu->State.MsrSpare[FirstPointer + (int)(linear >> 30)];
        if ((pointer & Present) == 0)
            return PageFault(linear, access, user, 0, out walk);
        ulong table = pointer & AddressMask;
        ulong permissions = WritableBit | UserBit;
        bool noExecute = false;
        for (int level = 2; ; level--)
        {
            int shift = 12 + (9 * (level - 1));
            ulong slot = table + (((linear >> shift) & 0x1FF) * 8);
            ulong entry = _memory.Read<ulong>(slot);
            if ((entry & Present) == 0)
                return PageFault(linear, access, user, 0, out walk);
            bool large = level == 2 && (entry & LargeBit) != 0;
            if (HasReservedBits(entry, level, large) || (entry & 0x7FF0_0000_0000_0000) != 0)
                return PageFault(linear, access, user, ErrorPresent | ErrorReserved, out walk);
            permissions &= entry;
            noExecute |= (entry & NoExecute) != 0;
            NoteTable(slot, linear, UntrackedLevel, execute: true);
            if (level > 1 && !large)
            {
                if ((entry & AccessedBit) == 0)
                    SetEntryBits(slot, entry | AccessedBit);
                table = entry & AddressMask;
                continue;
            }

            if (!Allowed(access, view, permissions, noExecute))
                return PageFault(linear, access, user, ErrorPresent, out walk);
            ulong wanted = entry | AccessedBit | (access == PageAccess.Write ? DirtyBit : 0);
            if (wanted != entry)
                SetEntryBits(slot, wanted);
            ulong offsetMask = (1UL << shift) - 1;
            bool writable = (wanted & DirtyBit) != 0 && Allowed(PageAccess.Write, view, permissions, noExecute);
            walk = new PageWalk((entry & AddressMask & ~offsetMask) | (linear & offsetMask), writable);
            return true;
        }
    }

    /// <summary>Two levels of 4-byte entries; 4 MiB pages with CR4.PSE reach 40 physical bits (SDM 3A 4.3).</summary>
    private bool TryTranslate32(uint linear, PageAccess access, int view, out PageWalk walk)
    {
        bool user = view == TlbView.User;
        ulong slot = (_cpu->State.Cr3 & 0xFFFF_F000) + ((linear >> 22) * 4);
        uint directory = _memory.Read<uint>(slot);
        if ((directory & Present) == 0)
            return PageFault(linear, access, user, 0, out walk);
        NoteTable(slot, linear, UntrackedLevel, execute: true);
        if ((directory & LargeBit) != 0 && (_cpu->State.Cr4 & ControlBits.Cr4Pse) != 0)
        {
            if ((directory & (1u << 21)) != 0)
                return PageFault(linear, access, user, ErrorPresent | ErrorReserved, out walk);
            ulong large = (directory & 0xFFC0_0000) | ((ulong)(directory & 0x1F_E000) << 19);
            return TryFinish32(linear, access, view, slot, directory, directory, large | (linear & 0x3F_FFFF), out walk);
        }

        if ((directory & AccessedBit) == 0)
            SetEntryBits32(slot, directory | (uint)AccessedBit);
        slot = (directory & 0xFFFF_F000) + (((linear >> 12) & 0x3FF) * 4);
        uint entry = _memory.Read<uint>(slot);
        if ((entry & Present) == 0)
            return PageFault(linear, access, user, 0, out walk);
        NoteTable(slot, linear, UntrackedLevel, execute: true);
        return TryFinish32(linear, access, view, slot, entry, directory & entry, (entry & 0xFFFF_F000) | (linear & 0xFFF), out walk);
    }

    private bool TryFinish32(uint linear, PageAccess access, int view, ulong slot, uint entry, uint permissions, ulong physical, out PageWalk walk)
    {
        if (!Allowed(access, view, permissions, noExecute: false))
            return PageFault(linear, access, view == TlbView.User, ErrorPresent, out walk);
        uint wanted = entry | (uint)AccessedBit | (access == PageAccess.Write ? (uint)DirtyBit : 0);
        if (wanted != entry)
            SetEntryBits32(slot, wanted);
        bool writable = (wanted & DirtyBit) != 0 && Allowed(PageAccess.Write, view, permissions, noExecute: false);
        walk = new PageWalk(physical, writable);
        return true;
    }

    private void SetEntryBits32(ulong slot, uint value)
    {
        ulong aligned = slot & ~7UL;
        int shift = (int)(slot & 4) * 8;
        ulong both = _memory.Read<ulong>(aligned);
        SetEntryBits(aligned, (both & ~(0xFFFF_FFFFUL << shift)) | ((ulong)value << shift));
    }
}
