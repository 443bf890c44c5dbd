using Emu.Core;
using Emu.Core.Memory;

namespace Otherworld.Guest.Boot;

/// <summary>Where a loader puts things in guest RAM: refuses overlaps and what does not fit, finds room for what may lie anywhere.</summary>
internal sealed class LoadPlan(GuestMemory memory)
{
    private const ulong Page = GuestMemory.FrameSize;
    private readonly GuestMemory _memory = memory;

    // Below 4 KiB lies what a real PC's firmware keeps there.
    private readonly List<(ulong Start, ulong End, string What)> _claims = [(0, 0x1000, "the real-mode vectors"), (MemoryMap.LowEnd, MemoryMap.HighStart, "the firmware")];

    public GuestMemory Memory => _memory;

    /// <summary>Takes a fixed range.</summary>
    /// <exception cref="OtherworldException">It does not fit RAM below 3 GiB or overlaps what was placed before.</exception>
    public void Claim(ulong start, ulong size, string what)
    {
        if (size > _memory.LowSize || start > _memory.LowSize - size)
            throw new OtherworldException($"{what} needs memory at {start:x}h to {unchecked(start + size):x}h, the machine has {_memory.Size >> 20} MiB. Give more with --memory.");
        if (Overlapping(start, start + size) is { } other)
            throw new OtherworldException($"{what} at {start:x}h to {start + size:x}h overlaps {other.What}.");
        _claims.Add((start, start + size, what));
    }

    /// <summary>Finds the highest free range below <paramref name="limit"/>, page aligned, and takes it.</summary>
    /// <exception cref="OtherworldException">There is no room.</exception>
    public ulong Place(ulong size, ulong from, ulong limit, string what)
    {
        ulong room = Math.Min(limit, _memory.LowSize) & ~(Page - 1);
        ulong taken = (size + Page - 1) & ~(Page - 1);
        while (taken <= room && room - taken >= from)
        {
            ulong start = room - taken;
            if (Overlapping(start, room) is not { } other)
            {
                _claims.Add((start, start + taken, what));
                return start;
            }

            room = other.Start & ~(Page - 1);
        }

        throw new OtherworldException($"{what} of {size:#,0} bytes finds no room in {_memory.Size >> 20} MiB. Give more with --memory.");
    }

    /// <summary>Finds room below 640 KiB, where every protocol wants its tables, and writes <paramref name="content"/> there.</summary>
    public ulong PlaceLow(ReadOnlySpan<byte> content, string what)
    {
        ulong start = Place((ulong)content.Length, 0x1000, MemoryMap.LowEnd, what);
        Check.That(_memory.Write(start, content));
        return start;
    }

    private (ulong Start, ulong End, string What)? Overlapping(ulong start, ulong end)
    {
        foreach ((ulong Start, ulong End, string What) claim in _claims)
        {
            if (start < claim.End && claim.Start < end)
                return claim;
        }

        return null;
    }
}
