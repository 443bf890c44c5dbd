using Emu.Core;
using Emu.Core.Bus;
using Emu.Core.Memory;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Paging;

/// <summary>
/// Memory as instructions see it: TLB views, page walks, and every access the fast path cannot make. The TLB is invisible: a write to a frame
/// that was walked as a page table drops what came from it, so a translation always is what the tables in memory say.
/// </summary>
public sealed unsafe partial class Mmu
{
    private const int PhysicalBits = 40;
    private const ulong ReservedPhysical = 0x000F_FFFF_FFFF_FFFF & ~((1UL << PhysicalBits) - 1);

    private readonly Cpu* _cpu;
    private readonly X86Processor _processor;
    private readonly GuestMemory _memory;
    private readonly IBus _bus;

    /// <summary>RAM offset of the last write to a watched frame.</summary>
    private ulong _watched;

    internal Mmu(X86Processor processor, Cpu* cpu, GuestMemory memory, IBus bus)
    {
        _processor = processor;
        _cpu = cpu;
        _memory = memory;
        _bus = bus;
        _tables = new TableNote[memory.FrameCount];
        _tableFrames = new uint[memory.FrameCount];
        _writers = new ushort[memory.FrameCount * TlbView.None];
        for (int view = 0; view < TlbView.Count; view++)
        {
            for (int index = 0; index < TlbEntry.Count; index++)
                Clear(EntryAt(view, index), index);
        }
    }

    /// <summary>The view that CPL, SMAP and AC select now, for the data accesses of instructions.</summary>
    public int CurrentView
    {
        get
        {
            if (_cpu->State.Cpl == 3)
                return TlbView.User;
            bool smap = (_cpu->State.Cr4 & ControlBits.Cr4Smap) != 0 && (_cpu->State.Rflags & Rflags.Ac) == 0;
            return smap ? TlbView.SupervisorSmap : TlbView.Supervisor;
        }
    }

    /// <summary>The view of implicit supervisor accesses (descriptor tables, TSS): SMAP applies whatever AC says (SDM 3A 4.6).</summary>
    public int SystemView => (_cpu->State.Cr4 & ControlBits.Cr4Smap) != 0 ? TlbView.SupervisorSmap : TlbView.Supervisor;

    /// <summary>Accesses may hit the TLB: nothing asks that each of them be looked at.</summary>
    private bool HasFastPath => _model is null && _cpu->Tlb != TlbView.Of(_cpu->TlbViews, TlbView.None);

    /// <summary>Call after CPL, CR0, CR4, RFLAGS.AC or DR7 changed: selects the TLB view.</summary>
    public void UpdateView()
    {
        bool alignment = _cpu->State.Cpl == 3 && (_cpu->State.Rflags & Rflags.Ac) != 0 && (_cpu->State.Cr0 & ControlBits.Cr0Am) != 0;
        bool watch = DataBreakpointsArmed;
        bool middle = _cpu->State.Cpl is 1 or 2; // nobody runs there: so generated code with a supervisor's view runs at CPL 0
        _cpu->Tlb = TlbView.Of(_cpu->TlbViews, alignment || watch || middle ? TlbView.None : CurrentView);
    }

    /// <summary>Serves a fast-path miss of <paramref name="op"/>.</summary>
    internal MissOutcome ServeMiss(Op* op, ulong linear)
    {
        Access access = op->Access;
        int size = (int)(access & Access.SizeMask);
        bool write = (access & Access.Write) != 0;
        if (!CheckAddress(op, linear, size, access))
            return MissOutcome.Fault;
        if ((linear & 0xFFF) + (ulong)size > GuestMemory.FrameSize)
            return Reachable(linear, size, write) ? MissOutcome.Alone : MissOutcome.Fault;
        int view = CurrentView;
        if (!TryTranslate(linear, write ? PageAccess.Write : PageAccess.Read, view, out PageWalk walk))
            return MissOutcome.Fault;
        if (!HasFastPath || !_memory.TryOffset(walk.Physical, out ulong offset))
            return MissOutcome.Alone;
        bool alone = (_memory.Flags[offset >> 12] & (byte)(FrameFlags.Code | FrameFlags.Watch)) != 0;
        bool table = write && !alone && IsWatched(offset);
        if (table)
            _memory.BeforeWrite(offset, size); // before the op runs: it cannot fail any more, nor be retired by this
        Fill(view, linear, offset, write, walk.Writable);
        if (AreReadsWatched(offset) || IsWatchHit)
            return MissOutcome.Alone;
        if (!write || !IsWatched(offset))
            return MissOutcome.Filled;
        _watched = offset;
        return table ? MissOutcome.Watched : MissOutcome.Alone;
    }

    /// <summary>Runs one op by itself with a TLB entry made for just this access: a bounce buffer for MMIO and page crossings, the frame itself for watched frames.</summary>
    internal Op* RunAlone(Op* op, ulong linear)
    {
        Access access = op->Access;
        int size = (int)(access & Access.SizeMask);
        bool write = (access & Access.Write) != 0;
        bool read = (access & Access.Read) != 0;
        byte* bounce = _processor.Bounce;
        if (read && !CopyIn(op, linear, new Span<byte>(bounce, size)))
            return Leave.Fault(_cpu, op);

        TlbEntry* view = _cpu->Tlb;
        TlbEntry* entry = TlbEntry.For(view, linear);
        var saved = entry->Content;
        entry->ReadTag = entry->WriteTag = linear;
        entry->Delta = (ulong)bounce - linear;
        bool finished = _processor.RunOne(op);
        if (_cpu->Tlb == view)
            entry->Content = saved;
        else
            Clear(entry, TlbEntry.IndexOf(linear));
        bool retired = finished || _cpu->Exit != Exit.Fault;
        if (retired && write)
            CopyOut(op, linear, new ReadOnlySpan<byte>(bounce, size));
        if (finished)
            return Leave.Next(_cpu, op);
        if (_cpu->BusTouched && _cpu->Exit is (Exit.Lookup or Exit.Budget))
            return Leave.Boundary(_cpu);
        return null;
    }

    /// <summary>Runs one op by itself with a TLB entry for just this write, which was announced, to a page table that stays watched.</summary>
    internal Op* RunWatched(Op* op, ulong linear)
    {
        TlbEntry* view = _cpu->Tlb;
        TlbEntry* entry = TlbEntry.For(view, linear);
        var saved = entry->Content;
        entry->ReadTag = entry->WriteTag = linear & ~0xFFFUL;
        entry->Delta = (ulong)(_memory.Base + _watched) - linear;
        bool finished = _processor.RunOne(op);
        entry->Content = saved;
        if (finished)
            return Leave.Next(_cpu, op);
        if (_cpu->BusTouched && _cpu->Exit is (Exit.Lookup or Exit.Budget))
            return Leave.Boundary(_cpu);
        return null;
    }

    /// <summary>Reads bytes at the current privilege, wherever they lie. <paramref name="op"/> gives devices the exact tick.</summary>
    internal bool TryReadSlow<T>(Op* op, ulong linear, out T value)
        where T : unmanaged
    {
        T result = default;
        value = default;
        if (!CheckAddress(op, linear, sizeof(T), Access.Read) || !Reachable(linear, sizeof(T), write: false))
            return false;
        FillFor(linear, sizeof(T), PageAccess.Read);
        bool ok = CopyIn(op, linear, new Span<byte>(&result, sizeof(T)));
        value = result;
        return ok;
    }

    /// <summary>Writes bytes at the current privilege, all or nothing.</summary>
    internal bool TryWriteSlow<T>(Op* op, ulong linear, T value)
        where T : unmanaged
    {
        if (!CheckAddress(op, linear, sizeof(T), Access.Write) || !Reachable(linear, sizeof(T), write: true))
            return false;
        FillFor(linear, sizeof(T), PageAccess.Write);
        CopyOut(op, linear, new ReadOnlySpan<byte>(&value, sizeof(T)));
        return true;
    }

    /// <summary>Before a precise access, which is known to be possible: the next one to the page, often of the same string instruction, may be fast.</summary>
    private void FillFor(ulong linear, int size, PageAccess access)
    {
        if ((linear & 0xFFF) + (ulong)size > GuestMemory.FrameSize || !HasFastPath)
            return;
        int view = CurrentView;
        if (TryTranslate(linear, access, view, out PageWalk walk) && _memory.TryOffset(walk.Physical, out ulong offset))
            Fill(view, linear, offset, access == PageAccess.Write, walk.Writable);
    }

    /// <summary>True when every byte could be accessed now; sets accessed and dirty bits as the access will. For instructions that write several places at once.</summary>
    internal bool Reachable(ulong linear, int size, bool write)
    {
        PageAccess access = write ? PageAccess.Write : PageAccess.Read;
        if (!TryTranslate(linear, access, CurrentView, out _))
            return false;
        ulong last = linear + (ulong)size - 1;
        return (last ^ linear) < GuestMemory.FrameSize && (last & ~0xFFFUL) == (linear & ~0xFFFUL)
            || TryTranslate(last & ~0xFFFUL, access, CurrentView, out _);
    }

    private bool CopyIn(Op* op, ulong linear, Span<byte> bytes)
    {
        for (int done = 0; done < bytes.Length;)
        {
            int chunk = Math.Min(bytes.Length - done, GuestMemory.FrameSize - (int)(linear & 0xFFF));
            if (!TryTranslate(linear, PageAccess.Read, CurrentView, out PageWalk walk))
                return false;
            if (_memory.TryOffset(walk.Physical, out ulong offset))
                ReadRam(offset, bytes.Slice(done, chunk));
            else
                ReadMmio(op, walk.Physical, bytes.Slice(done, chunk));
            done += chunk;
            linear += (ulong)chunk;
        }

        return true;
    }

    private void ReadRam(ulong offset, Span<byte> bytes)
    {
        if (AreReadsWatched(offset))
            NoteWatched(offset, bytes.Length, WatchKinds.Read);
        new ReadOnlySpan<byte>(_memory.Base + offset, bytes.Length).CopyTo(bytes);
    }

    private void CopyOut(Op* op, ulong linear, ReadOnlySpan<byte> bytes)
    {
        for (int done = 0; done < bytes.Length;)
        {
            int chunk = Math.Min(bytes.Length - done, GuestMemory.FrameSize - (int)(linear & 0xFFF));
            bool translated = TryTranslate(linear, PageAccess.Write, CurrentView, out PageWalk walk);
            Check.That(translated, "a write that was checked stays possible");
            if (_memory.TryOffset(walk.Physical, out _))
                _memory.Write(walk.Physical, bytes.Slice(done, chunk));
            else
                WriteMmio(op, walk.Physical, bytes.Slice(done, chunk));
            done += chunk;
            linear += (ulong)chunk;
        }
    }

    private void ReadMmio(Op* op, ulong physical, Span<byte> bytes)
    {
        _processor.EnterBus(op);
        for (int done = 0; done < bytes.Length;)
        {
            int size = BusSize(physical, bytes.Length - done);
            ulong value = _bus.ReadMmio(physical, size);
            for (int i = 0; i < size; i++)
                bytes[done + i] = (byte)(value >> (8 * i));
            done += size;
            physical += (ulong)size;
        }
    }

    private void WriteMmio(Op* op, ulong physical, ReadOnlySpan<byte> bytes)
    {
        _processor.EnterBus(op);
        for (int done = 0; done < bytes.Length;)
        {
            int size = BusSize(physical, bytes.Length - done);
            ulong value = 0;
            for (int i = 0; i < size; i++)
                value |= (ulong)bytes[done + i] << (8 * i);
            _bus.WriteMmio(physical, size, value);
            done += size;
            physical += (ulong)size;
        }
    }

    private static int BusSize(ulong physical, int left)
    {
        int size = 8;
        while (size > left || (physical & (ulong)(size - 1)) != 0)
            size >>= 1;
        return size;
    }
}
