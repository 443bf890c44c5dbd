using System.Runtime.CompilerServices;
using Emu.Core.Memory;
using Emu.X86.State;

namespace Emu.X86.Paging;

/// <content>Accesses that are not an instruction's memory operand: descriptor tables, TSS, the stacks that events and gates switch to.</content>
public sealed unsafe partial class Mmu
{
    /// <summary>The view of explicit accesses at a privilege level: pushes on a stack that is being switched to.</summary>
    internal int ViewOf(int cpl)
    {
        if (cpl == 3)
            return TlbView.User;
        bool smap = (_cpu->State.Cr4 & ControlBits.Cr4Smap) != 0 && (_cpu->State.Rflags & Rflags.Ac) == 0;
        return smap ? TlbView.SupervisorSmap : TlbView.Supervisor;
    }

    /// <summary>An implicit supervisor read (descriptor tables, TSS) at a linear address.</summary>
    /// <returns>False for a page fault, recorded.</returns>
    public bool TryReadSystem<T>(ulong linear, out T value)
        where T : unmanaged => TryReadAs(SystemView, linear, out value);

    /// <summary>An implicit supervisor write.</summary>
    public bool TryWriteSystem<T>(ulong linear, T value)
        where T : unmanaged => TryWriteAs(SystemView, linear, (byte*)&value, sizeof(T));

    /// <summary>Reads as a given view.</summary>
    internal bool TryReadAs<T>(int view, ulong linear, out T value)
        where T : unmanaged
    {
        TlbEntry* entry = TlbEntry.For(TlbView.Of(_cpu->TlbViews, view), linear);
        if (linear - entry->ReadTag <= 4096 - (ulong)sizeof(T))
        {
            value = Unsafe.ReadUnaligned<T>((byte*)(linear + entry->Delta));
            return true;
        }

        T result = default;
        bool ok = TryReadSlowAs(view, linear, (byte*)&result, sizeof(T));
        value = result;
        return ok;
    }

    /// <summary>Writes as a given view, all or nothing.</summary>
    internal bool TryWriteAs(int view, ulong linear, byte* source, int size)
    {
        TlbEntry* entry = TlbEntry.For(TlbView.Of(_cpu->TlbViews, view), linear);
        if (linear - entry->WriteTag <= 4096 - (ulong)size)
        {
            Unsafe.CopyBlockUnaligned((byte*)(linear + entry->Delta), source, (uint)size);
            return true;
        }

        ulong last = linear + (ulong)size - 1;
        if (!TryTranslate(linear, PageAccess.Write, view, out PageWalk walk))
            return false;
        PageWalk second = walk;
        if (last >> 12 != linear >> 12 && !TryTranslate(last & ~0xFFFUL, PageAccess.Write, view, out second))
            return false;
        int chunk = Math.Min(size, GuestMemory.FrameSize - (int)(linear & 0xFFF));
        WriteAndFill(view, linear, walk, new ReadOnlySpan<byte>(source, chunk));
        if (chunk < size)
            WriteAndFill(view, last & ~0xFFFUL, second, new ReadOnlySpan<byte>(source + chunk, size - chunk));
        return true;
    }

    private bool TryReadSlowAs(int view, ulong linear, byte* destination, int size)
    {
        for (int done = 0; done < size;)
        {
            int chunk = Math.Min(size - done, GuestMemory.FrameSize - (int)(linear & 0xFFF));
            if (!TryTranslate(linear, PageAccess.Read, view, out PageWalk walk))
                return false;
            if (_memory.TryOffset(walk.Physical, out ulong offset))
            {
                Fill(view, linear, offset, write: false, walk.Writable);
                if (AreReadsWatched(offset))
                    NoteWatched(offset, chunk, WatchKinds.Read);
            }

            _memory.Read(walk.Physical, new Span<byte>(destination + done, chunk));
            done += chunk;
            linear += (ulong)chunk;
        }

        return true;
    }

    private void WriteAndFill(int view, ulong linear, PageWalk walk, ReadOnlySpan<byte> bytes)
    {
        if (_memory.TryOffset(walk.Physical, out ulong offset))
            Fill(view, linear, offset, write: true, walk.Writable);
        _memory.Write(walk.Physical, bytes);
    }
}
