using System.Runtime.InteropServices;
using Emu.Core.Memory;

namespace Otherworld.Guest.Inspection;

/// <summary>RAM as one looks at it from outside, of a machine or of a snapshot: by frames and by physical addresses, without leaving a trace.</summary>
public abstract class PhysicalMemory
{
    /// <summary>Frames of RAM.</summary>
    public abstract int FrameCount { get; }

    /// <summary>Bytes of RAM.</summary>
    public ulong Size => (ulong)FrameCount * GuestMemory.FrameSize;

    /// <summary>RAM that lies below the hole, in bytes; the rest begins at <see cref="GuestMemory.HoleEnd"/>.</summary>
    public ulong LowSize => Math.Min(Size, GuestMemory.HoleStart);

    /// <summary>The bytes of a frame by its number in RAM; empty for one that is known to be all zeroes.</summary>
    public abstract ReadOnlySpan<byte> Frame(int frame);

    /// <summary>Reads by physical address.</summary>
    /// <returns>False when a byte lies outside RAM.</returns>
    public bool TryRead(ulong physical, Span<byte> into)
    {
        while (into.Length != 0)
        {
            if (!TryOffset(physical, out ulong offset))
                return false;
            int within = (int)(offset % GuestMemory.FrameSize);
            Span<byte> part = into[..Math.Min(into.Length, GuestMemory.FrameSize - within)];
            ReadOnlySpan<byte> frame = Frame((int)(offset / GuestMemory.FrameSize));
            if (frame.IsEmpty)
                part.Clear();
            else
                frame.Slice(within, part.Length).CopyTo(part);
            into = into[part.Length..];
            physical += (ulong)part.Length;
        }

        return true;
    }

    /// <summary>Reads one value by physical address.</summary>
    public bool TryRead<T>(ulong physical, out T value)
        where T : unmanaged
    {
        value = default;
        return TryRead(physical, MemoryMarshal.AsBytes(new Span<T>(ref value)));
    }

    /// <summary>Physical address of a linear one, through the page tables of <paramref name="root"/>.</summary>
    /// <param name="root">As in CR3.</param>
    /// <param name="linear">The address.</param>
    /// <param name="physical">Where it is.</param>
    /// <returns>False where nothing is mapped.</returns>
    public bool TryTranslate(ulong root, ulong linear, out ulong physical) =>
        PageWalk.TryTranslate(root, linear, table => TryRead(table, out ulong entry) ? entry : 0, out physical);

    private bool TryOffset(ulong physical, out ulong offset)
    {
        offset = physical < GuestMemory.HoleStart ? physical : physical - GuestMemory.HoleEnd + GuestMemory.HoleStart;
        return (physical < GuestMemory.HoleStart || physical >= GuestMemory.HoleEnd) && offset < Size;
    }
}
