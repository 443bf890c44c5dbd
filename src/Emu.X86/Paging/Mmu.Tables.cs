using Emu.Core.Memory;

namespace Emu.X86.Paging;

/// <content>
/// Which frames were walked as page tables, and what a write to one drops: exactly the translations that may have come from the entry written.
/// The notes outlive a change of address space, so that what was remembered of code in another space stays true as long as it is remembered.
/// </content>
public sealed unsafe partial class Mmu
{
    /// <summary>Writes without a walk in between, after which a table is taken to be filled, copied, emptied or to have become something else: it is forgotten.</summary>
    private const int MostWrites = 4;

    private const int LowestLevel = 1;
    private const int TopLevel = 4;

    private readonly TableNote[] _tables;
    private readonly uint[] _tableFrames;
    private int _tableCount;

    /// <summary>Remembers that a frame was walked as a table, for which linear range, at which level, and for what.</summary>
    private void NoteTable(ulong slot, ulong linear, int level, bool execute)
    {
        if (!_memory.TryOffset(slot, out ulong offset))
            return;
        uint frame = (uint)(offset >> 12);
        ulong linearBase = level is UntrackedLevel or TopLevel ? 0 : linear & ~((1UL << (12 + (9 * level))) - 1);
        ref TableNote note = ref _tables[frame];
        if ((_memory.Flags[frame] & (byte)FrameFlags.PageTable) == 0)
        {
            note = new TableNote { LinearBase = linearBase, Level = (byte)level, Place = _tableCount };
            _memory.Flags[frame] |= (byte)FrameFlags.PageTable;
            _tableFrames[_tableCount++] = frame;
            WithholdWrites(frame);
        }

        note.Shared |= note.LinearBase != linearBase || note.Level != level;
        note.Executable |= execute;
        note.Writes = 0;
    }

    /// <summary>A frame walked as a page table is about to change: drops what was derived from the entries in question.</summary>
    internal void BeforeTableWrite(ulong offset, int length)
    {
        uint frame = (uint)(offset >> 12);
        ref TableNote note = ref _tables[frame];
        if (note.Level == UntrackedLevel)
        {
            FlushAll();
            return;
        }

        bool kernel = note.Level == TopLevel ? IsTopFrame(frame) : HalfOf(note.LinearBase) == KernelHalf;
        if (note.Writes < MostWrites)
        {
            note.Writes++;
        }
        else if (note.Shared)
        {
            FlushAll();
            return;
        }
        else if (note.Level == LowestLevel || !kernel)
        {
            Forget(frame);
            return;
        }

        for (ulong slot = offset & ~7UL; slot < offset + (ulong)length; slot += 8)
        {
            ulong old = *(ulong*)(_memory.Base + slot);
            if ((old & (Present | AccessedBit)) != (Present | AccessedBit))
                continue; // never walked: a walk sets the accessed bit
            if (note.Shared || (kernel && note.Level != LowestLevel && (note.Level != TopLevel || (slot & 0x800) != 0)))
            {
                FlushAll();
                return;
            }

            if (note.Level == LowestLevel)
                FlushPage(note.LinearBase + ((slot & 0xFFF) << 9), note.Executable && (old & NoExecute) == 0);
            else
                FlushUser(in note, frame);
        }
    }

    /// <summary>Drops what may have come through the lower half of the top table, or a table for a part of it.</summary>
    private void FlushUser(in TableNote note, uint frame)
    {
        if (note.Level != TopLevel || IsTopFrame(frame))
            Drop(UserHalf, everything: false); // else the entries are those of another space; and its kernel half is compared when it comes back
        if (note.Executable)
            NewCodeContext(UserHalf);
    }

    /// <summary>Drops all that may have come from a table, and watches it no longer.</summary>
    private void Forget(uint frame)
    {
        ref TableNote note = ref _tables[frame];
        if (note.Level == LowestLevel)
        {
            for (ulong page = 0; page < 512; page++)
                DropPage(note.LinearBase + (page << 12));
            if (note.Executable)
                NewCodeContext(HalfOf(note.LinearBase));
        }
        else
        {
            FlushUser(in note, frame);
        }

        _memory.Flags[frame] &= unchecked((byte)~FrameFlags.PageTable);
        uint last = _tableFrames[--_tableCount];
        _tableFrames[note.Place] = last;
        _tables[last].Place = note.Place;
    }

    private void ForgetTables()
    {
        for (int i = 0; i < _tableCount; i++)
            _memory.Flags[_tableFrames[i]] &= unchecked((byte)~FrameFlags.PageTable);
        _tableCount = 0;
        ForgetSpaces();
    }

    /// <summary>What a page-table frame was walked for.</summary>
    private struct TableNote
    {
        /// <summary>First linear address that the table translates; 0 for the top level, which translates all.</summary>
        public ulong LinearBase;

        /// <summary>Index in the list of tables.</summary>
        public int Place;

        /// <summary>1 (page tables) to 4, or <see cref="UntrackedLevel"/>.</summary>
        public byte Level;

        /// <summary>Writes since the last walk.</summary>
        public byte Writes;

        /// <summary>Walked at several places.</summary>
        public bool Shared;

        /// <summary>Walked to fetch code.</summary>
        public bool Executable;
    }
}
