using Emu.Core.Memory;

namespace Emu.X86.Paging;

/// <content>Filling and dropping TLB entries, and the notes on which frames are page tables of what.</content>
public sealed unsafe partial class Mmu
{
    private const int MaxFilled = 4096;

    private readonly TableNote[] _tables;
    private readonly uint[] _tableFrames;
    private readonly ushort[] _filled;
    private int _tableCount;
    private int _filledCount;

    /// <summary>Drops every cached translation (CR3, mode and paging-bit changes, restores). Unobservable except in speed.</summary>
    public void FlushAll()
    {
        if (_filledCount >= MaxFilled)
        {
            for (int slot = 0; slot < TlbView.Count * TlbEntry.Count; slot++)
                Clear(_cpu->TlbViews + slot, slot & (TlbEntry.Count - 1));
        }
        else
        {
            for (int i = 0; i < _filledCount; i++)
                Clear(_cpu->TlbViews + _filled[i], _filled[i] & (TlbEntry.Count - 1));
        }

        _filledCount = 0;
        for (int i = 0; i < _tableCount; i++)
            _memory.Flags[_tableFrames[i]] &= unchecked((byte)~FrameFlags.PageTable);
        _tableCount = 0;
        _processor.NewCodeContext();
    }

    /// <summary>Drops the translations of one page in all views.</summary>
    /// <param name="linear">An address in the page.</param>
    /// <param name="executable">Code may have run from it. Remembered branch targets outlive the TLB entry they were found by, which a neighbour may have
    /// displaced: so they are dropped whether or not there still is one.</param>
    private void FlushPage(ulong linear, bool executable)
    {
        int index = (int)(linear >> 12) & (TlbEntry.Count - 1);
        ulong page = linear & ~0xFFFUL;
        for (int view = 0; view < TlbView.Count; view++)
        {
            TlbEntry* entry = _cpu->TlbViews + (view * TlbEntry.Count) + index;
            if (entry->ReadTag == page || entry->WriteTag == page || entry->ExecuteTag == page)
                Clear(entry, index);
        }

        if (executable)
            _processor.NewCodeContext();
    }

    /// <summary>No entry may write to the frame directly any more: it now holds code or page tables.</summary>
    public void WithholdWrites(uint frame)
    {
        ulong host = (ulong)(_memory.Base + ((ulong)frame << 12));
        int count = Math.Min(_filledCount, MaxFilled);
        bool all = _filledCount >= MaxFilled;
        for (int i = 0; i < (all ? TlbView.Count * TlbEntry.Count : count); i++)
        {
            int slot = all ? i : _filled[i];
            TlbEntry* entry = _cpu->TlbViews + slot;
            int index = slot & (TlbEntry.Count - 1);
            if (entry->WriteTag != TlbEntry.Invalid(index) && entry->WriteTag + entry->Delta == host)
                entry->WriteTag = TlbEntry.Invalid(index);
        }
    }

    /// <summary>A frame walked as a page table is about to change: drops what was derived from the entries in question.</summary>
    internal void BeforeTableWrite(ulong offset, int length)
    {
        TableNote note = _tables[offset >> 12];
        if (note.Level == UntrackedLevel)
        {
            FlushAll();
            return;
        }

        for (ulong slot = offset & ~7UL; slot < offset + (ulong)length; slot += 8)
        {
            ulong old = *(ulong*)(_memory.Base + slot);
            if ((old & (Present | AccessedBit)) != (Present | AccessedBit))
                continue; // never walked: a walk sets the accessed bit
            if (note.Level != 1 || note.Shared)
            {
                FlushAll();
                return;
            }

            FlushPage(note.LinearBase + ((slot & 0xFFF) << 9), executable: (old & NoExecute) == 0);
        }
    }

    /// <summary>Makes the translation of a code page known, so that dropping it later is noticed.</summary>
    internal void FillExecute(int view, ulong linear, ulong offset)
    {
        TlbEntry* entry = Claim(view, linear, offset);
        entry->ExecuteTag = linear & ~0xFFFUL;
    }

    private void Fill(int view, ulong linear, ulong offset, bool write, bool writable)
    {
        TlbEntry* entry = Claim(view, linear, offset);
        entry->ReadTag = linear & ~0xFFFUL;
        uint frame = (uint)(offset >> 12);
        if (write && !IsWatched(offset))
            _memory.MarkDirty(frame);
        if (writable && (_memory.Flags[frame] & (byte)(FrameFlags.Dirty | FrameFlags.Code | FrameFlags.PageTable)) == (byte)FrameFlags.Dirty)
            entry->WriteTag = linear & ~0xFFFUL;
    }

    private TlbEntry* Claim(int view, ulong linear, ulong offset)
    {
        int index = (int)(linear >> 12) & (TlbEntry.Count - 1);
        ulong page = linear & ~0xFFFUL;
        TlbEntry* entry = _cpu->TlbViews + (view * TlbEntry.Count) + index;
        ulong delta = (ulong)(_memory.Base + (offset & ~0xFFFUL)) - page;
        bool same = entry->Delta == delta && (entry->ReadTag == page || entry->WriteTag == page || entry->ExecuteTag == page);
        if (!same)
        {
            Clear(entry, index);
            entry->Delta = delta;
            if (_filledCount < MaxFilled)
                _filled[_filledCount++] = (ushort)((view * TlbEntry.Count) + index);
        }

        return entry;
    }

    private bool IsWatched(ulong offset)
        => (_memory.Flags[offset >> 12] & (byte)(FrameFlags.Code | FrameFlags.PageTable)) != 0;

    private static void Clear(TlbEntry* entry, int index)
    {
        ulong invalid = TlbEntry.Invalid(index);
        entry->ReadTag = invalid;
        entry->WriteTag = invalid;
        entry->ExecuteTag = invalid;
    }

    /// <summary>Remembers that a frame was walked as a table, for which linear range and at which level.</summary>
    private void NoteTable(ulong slot, ulong linear, int level)
    {
        if (!_memory.TryOffset(slot, out ulong offset))
            return;
        uint frame = (uint)(offset >> 12);
        ulong linearBase = level == 1 ? linear & ~0x1F_FFFFUL : 0;
        ref TableNote note = ref _tables[frame];
        if ((_memory.Flags[frame] & (byte)FrameFlags.PageTable) == 0)
        {
            note = new TableNote(linearBase, (byte)level, Shared: false);
            _memory.Flags[frame] |= (byte)FrameFlags.PageTable;
            _tableFrames[_tableCount++] = frame;
            WithholdWrites(frame);
        }
        else if (note.LinearBase != linearBase || note.Level != level)
        {
            note = note with { Shared = true };
        }
    }

    /// <summary>What a page-table frame was walked for.</summary>
    private readonly record struct TableNote(ulong LinearBase, byte Level, bool Shared);
}
