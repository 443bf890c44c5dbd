using System.Buffers.Binary;
using Emu.Core.Devices.Disk;
using Emu.Core.Memory;

namespace Emu.Core.Devices.Virtio;

/// <summary>One request of a block device (virtio 1.2, 5.2.6): a header of 16 bytes, data, and a status byte at the very end.</summary>
internal readonly ref struct VirtioBlockRequest
{
    /// <summary>size_max: bytes in one segment.</summary>
    public const int MaxSegmentSize = 1 << 20;

    /// <summary>seg_max: data segments in one request.</summary>
    public const int MaxSegments = 126;

    /// <summary>Sectors one discard or write-zeroes may name: 32 MiB.</summary>
    public const int MaxZeroSectors = 1 << 16;

    /// <summary>Bytes in the answer to GET_ID.</summary>
    public const int IdLength = 20;

    private const int SectorSize = 512;
    private const int HeaderLength = 16;
    private const int Chunk = 4096;
    private const byte StatusOk = 0;
    private const byte StatusIoError = 1;
    private const byte StatusUnsupported = 2;

    private readonly GuestMemory _memory;
    private readonly DiskOverlay _disk;
    private readonly ReadOnlySpan<BufferSegment> _readable;
    private readonly ReadOnlySpan<BufferSegment> _writable;
    private readonly ulong _readableLength;
    private readonly ulong _writableLength;

    public VirtioBlockRequest(GuestMemory memory, DiskOverlay disk, ReadOnlySpan<BufferSegment> segments)
    {
        _memory = memory;
        _disk = disk;
        int split = 0;
        while (split < segments.Length && !segments[split].Writable)
            split++;
        _readable = segments[..split];
        _writable = segments[split..];
        _readableLength = SegmentCursor.Total(_readable);
        _writableLength = SegmentCursor.Total(_writable);
    }

    private enum RequestType
    {
        In = 0,
        Out = 1,
        Flush = 4,
        GetId = 8,
        Discard = 11,
        WriteZeroes = 13,
    }

    /// <summary>There is a whole header to read, a status byte to write, and no more data than the configuration space allows.</summary>
    public bool IsShaped =>
        _readableLength >= HeaderLength && _writableLength >= 1 && _readableLength + _writableLength <= (ulong)MaxSegments * MaxSegmentSize;

    /// <summary>Does what is asked and writes the status.</summary>
    /// <returns>Bytes written to guest memory.</returns>
    public uint CarryOut(ReadOnlySpan<byte> serial)
    {
        var input = new SegmentCursor(_memory, _readable);
        Span<byte> header = stackalloc byte[HeaderLength];
        input.Read(header);
        var type = (RequestType)BinaryPrimitives.ReadUInt32LittleEndian(header);
        ulong sector = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        ulong outgoing = _readableLength - HeaderLength;
        ulong room = _writableLength - 1;
        var output = new SegmentCursor(_memory, _writable);
        ulong written = 0;
        byte status = StatusOk;
        switch (type)
        {
            case RequestType.In when IsOnDisk(sector, room):
                ReadDisk(sector * SectorSize, room, ref output);
                written = room;
                break;
            case RequestType.Out when !_disk.IsReadOnly && IsOnDisk(sector, outgoing):
                WriteDisk(sector * SectorSize, outgoing, ref input);
                break;
            case RequestType.In or RequestType.Out:
                status = StatusIoError;
                break;
            case RequestType.Flush:
                break; // requests are carried out in order, so everything before it is on the disk
            case RequestType.GetId:
                written = Math.Min(room, IdLength);
                output.Write(serial[..(int)written]);
                break;
            case RequestType.Discard or RequestType.WriteZeroes:
                status = Zero(type, outgoing, ref input);
                break;
            default:
                status = StatusUnsupported;
                break;
        }

        output.Skip(room - written);
        output.Write([status]);
        // virtio 1.2, 2.7.8.2: the length counts from the first writable byte; bytes left out in between make it end before them.
        return (uint)(written == room ? room + 1 : written);
    }

    private bool IsOnDisk(ulong sector, ulong length)
    {
        ulong sectors = _disk.Length / SectorSize;
        return length % SectorSize == 0 && sector <= sectors && length / SectorSize <= sectors - sector;
    }

    private void ReadDisk(ulong offset, ulong length, ref SegmentCursor output)
    {
        Span<byte> chunk = stackalloc byte[Chunk];
        for (ulong done = 0; done < length;)
        {
            Span<byte> part = chunk[..(int)Math.Min(Chunk, length - done)];
            _disk.Read(offset + done, part);
            output.Write(part);
            done += (ulong)part.Length;
        }
    }

    private void WriteDisk(ulong offset, ulong length, ref SegmentCursor input)
    {
        Span<byte> chunk = stackalloc byte[Chunk];
        for (ulong done = 0; done < length;)
        {
            Span<byte> part = chunk[..(int)Math.Min(Chunk, length - done)];
            input.Read(part);
            _disk.Write(offset + done, part);
            done += (ulong)part.Length;
        }
    }

    /// <summary>Discard and write zeroes (virtio 1.2, 5.2.6): one struct virtio_blk_discard_write_zeroes; both leave zeroes here.</summary>
    private byte Zero(RequestType type, ulong outgoing, ref SegmentCursor input)
    {
        Span<byte> range = stackalloc byte[16];
        if (_disk.IsReadOnly || outgoing != (ulong)range.Length)
            return StatusIoError;
        input.Read(range);
        ulong sector = BinaryPrimitives.ReadUInt64LittleEndian(range);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(range[8..]);
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(range[12..]);
        uint allowed = type == RequestType.WriteZeroes ? 1u : 0; // only the unmap flag exists, and only for write zeroes
        if ((flags & ~allowed) != 0)
            return StatusUnsupported;
        if (count > MaxZeroSectors || !IsOnDisk(sector, (ulong)count * SectorSize))
            return StatusIoError;
        Span<byte> zeroes = stackalloc byte[Chunk];
        zeroes.Clear();
        ulong end = (sector + count) * SectorSize;
        for (ulong offset = sector * SectorSize; offset < end;)
        {
            var part = (int)Math.Min(Chunk - (offset % Chunk), end - offset);
            _disk.Write(offset, zeroes[..part]);
            offset += (ulong)part;
        }

        return StatusOk;
    }
}
