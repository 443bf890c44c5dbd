using Emu.Core.Memory;

namespace Emu.X86.Paging;

/// <content>Filling and dropping TLB entries.</content>
public sealed unsafe partial class Mmu
{
    private const int MaxFilled = TlbEntry.Count;
    private const int Slots = TlbView.Count * TlbEntry.Count;
    private const ushort NoWriter = 0;
    private const ushort ManyWriters = ushort.MaxValue;

    /// <summary>Slots filled since they were last dropped, by the half of the address space: user, kernel.</summary>
    private readonly ushort[][] _filled = [new ushort[MaxFilled], new ushort[MaxFilled]];
    private readonly int[] _filledCount = new int[2];

    /// <summary>For each frame and view the one entry that may write to it, as its index plus 1; it may have been dropped since.</summary>
    private readonly ushort[] _writers;

    /// <summary>Drops every cached translation (mode and paging-bit changes, restores). Unobservable except in speed.</summary>
    public void FlushAll()
    {
        Drop(UserHalf, everything: true);
        Drop(KernelHalf, everything: true);
        ForgetTables();
        _processor.NewCodeContext();
    }

    /// <summary>Drops the entries of one half.</summary>
    /// <param name="half">Which.</param>
    /// <param name="everything">The other half goes too: no need to look whose an entry is.</param>
    private void Drop(int half, bool everything)
    {
        int count = _filledCount[half];
        _filledCount[half] = 0;
        if (count < MaxFilled)
        {
            foreach (ushort slot in new ReadOnlySpan<ushort>(_filled[half], 0, count))
                DropSlot(slot, half, everything);
            return;
        }

        for (int slot = 0; slot < Slots; slot++)
            DropSlot(slot, half, everything);
    }

    private void DropSlot(int slot, int half, bool everything)
    {
        TlbEntry* entry = EntryAt(slot / TlbEntry.Count, slot & (TlbEntry.Count - 1));
        if (everything || HalfOf(entry->ReadTag | entry->WriteTag | entry->ExecuteTag) == half)
            Clear(entry, slot & (TlbEntry.Count - 1));
    }

    /// <summary>Drops the translations of one page in all views.</summary>
    /// <param name="linear">An address in the page.</param>
    /// <param name="executable">Code may have run from it. Remembered branch targets outlive the TLB entry they were found by, which a neighbour may have
    /// displaced: so they are dropped whether or not there still is one.</param>
    private void FlushPage(ulong linear, bool executable)
    {
        DropPage(linear);
        if (executable)
            NewCodeContext(HalfOf(linear));
    }

    private void DropPage(ulong linear)
    {
        int index = TlbEntry.IndexOf(linear);
        ulong page = linear & ~0xFFFUL;
        for (int view = 0; view < TlbView.None; view++)
        {
            TlbEntry* entry = EntryAt(view, index);
            if (entry->ReadTag == page || entry->WriteTag == page || entry->ExecuteTag == page)
                Clear(entry, index);
        }
    }

    /// <summary>No entry may write to the frame directly any more: it now holds code or page tables.</summary>
    public void WithholdWrites(uint frame)
    {
        for (int view = 0; view < TlbView.None; view++)
        {
            ref ushort writer = ref WriterOf(frame, view);
            if (writer == ManyWriters)
            {
                for (int index = 0; index < TlbEntry.Count; index++)
                    WithholdWrites(frame, view, index);
            }
            else if (writer != NoWriter)
            {
                WithholdWrites(frame, view, writer - 1);
            }

            writer = NoWriter;
        }
    }

    private void WithholdWrites(uint frame, int view, int index)
    {
        if (MayWrite(frame, view, index))
            EntryAt(view, index)->WriteTag = TlbEntry.Invalid(index);
    }

    private bool MayWrite(uint frame, int view, int index)
    {
        TlbEntry* entry = EntryAt(view, index);
        return entry->WriteTag != TlbEntry.Invalid(index) && entry->WriteTag + entry->Delta == (ulong)(_memory.Base + ((ulong)frame << 12));
    }

    private TlbEntry* EntryAt(int view, int index) => TlbEntry.At(TlbView.Of(_cpu->TlbViews, view), index);

    private ref ushort WriterOf(uint frame, int view) => ref _writers[((int)frame * TlbView.None) + view];

    /// <summary>Makes the translation of a code page known, so that dropping it later is noticed.</summary>
    internal void FillExecute(int view, ulong linear, ulong offset)
    {
        TlbEntry* entry = Claim(view, linear, offset);
        entry->ExecuteTag = linear & ~0xFFFUL;
        NoteCode(view, linear);
    }

    private void Fill(int view, ulong linear, ulong offset, bool write, bool writable)
    {
        if (_model is not null)
            return;
        TlbEntry* entry = Claim(view, linear, offset);
        uint frame = (uint)(offset >> 12);
        if (!AreReadsWatched(offset))
            entry->ReadTag = linear & ~0xFFFUL;
        if (write && !IsWatched(offset))
            _memory.MarkDirty(frame);
        if (!writable || !IsOpenToWrites(frame))
            return;
        entry->WriteTag = linear & ~0xFFFUL;
        ref ushort writer = ref WriterOf(frame, view);
        ushort mine = (ushort)(TlbEntry.IndexOf(linear) + 1);
        if (writer != mine && writer != ManyWriters)
            writer = writer != NoWriter && MayWrite(frame, view, writer - 1) ? ManyWriters : mine;
    }

    private TlbEntry* Claim(int view, ulong linear, ulong offset)
    {
        int index = TlbEntry.IndexOf(linear);
        ulong page = linear & ~0xFFFUL;
        TlbEntry* entry = EntryAt(view, index);
        ulong delta = (ulong)(_memory.Base + (offset & ~0xFFFUL)) - page;
        bool same = entry->Delta == delta && (entry->ReadTag == page || entry->WriteTag == page || entry->ExecuteTag == page);
        if (!same)
        {
            Clear(entry, index);
            entry->Delta = delta;
            int half = HalfOf(linear);
            if (_filledCount[half] < MaxFilled)
                _filled[half][_filledCount[half]++] = (ushort)((view * TlbEntry.Count) + index);
        }

        return entry;
    }

    private bool IsWatched(ulong offset)
        => (_memory.Flags[offset >> 12] & (byte)(FrameFlags.Code | FrameFlags.PageTable | FrameFlags.Watch)) != 0;

    private static void Clear(TlbEntry* entry, int index)
    {
        ulong invalid = TlbEntry.Invalid(index);
        entry->ReadTag = invalid;
        entry->WriteTag = invalid;
        entry->ExecuteTag = invalid;
    }
}
