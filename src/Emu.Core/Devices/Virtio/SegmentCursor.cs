using Emu.Core.Memory;

namespace Emu.Core.Devices.Virtio;

/// <summary>Reads or writes the buffers of a chain as one stream of bytes; drivers may cut them as they like (virtio 1.2, 2.7.4).</summary>
internal ref struct SegmentCursor(GuestMemory memory, ReadOnlySpan<BufferSegment> segments)
{
    private readonly GuestMemory _memory = memory;
    private ReadOnlySpan<BufferSegment> _segments = segments;
    private uint _offset;

    /// <summary>Bytes in all buffers.</summary>
    public static ulong Total(ReadOnlySpan<BufferSegment> segments)
    {
        ulong total = 0;
        foreach (BufferSegment segment in segments)
            total += segment.Length;
        return total;
    }

    /// <summary>Reads the next bytes; the caller knows that there are that many.</summary>
    public void Read(scoped Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int chunk = Next(destination.Length, out ulong address);
            _memory.Read(address, destination[..chunk]);
            destination = destination[chunk..];
        }
    }

    /// <summary>Writes the next bytes; the caller knows that there is room.</summary>
    public void Write(scoped ReadOnlySpan<byte> source)
    {
        while (source.Length > 0)
        {
            int chunk = Next(source.Length, out ulong address);
            _memory.Write(address, source[..chunk]);
            source = source[chunk..];
        }
    }

    /// <summary>Passes over bytes.</summary>
    public void Skip(ulong count)
    {
        while (count > 0)
            count -= (ulong)Next((int)Math.Min(count, int.MaxValue), out _);
    }

    private int Next(int wanted, out ulong address)
    {
        BufferSegment segment = _segments[0];
        address = segment.Address + _offset;
        var chunk = (int)Math.Min((uint)wanted, segment.Length - _offset);
        _offset += (uint)chunk;
        if (_offset == segment.Length)
        {
            _segments = _segments[1..];
            _offset = 0;
        }

        return chunk;
    }
}
