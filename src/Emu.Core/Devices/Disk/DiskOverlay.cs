using Emu.Core.State;

namespace Emu.Core.Devices.Disk;

/// <summary>A disk: an image that never changes, and over it the 4 KiB blocks the guest has written, which belong to the snapshot.</summary>
public sealed class DiskOverlay
{
    private const int BlockSize = PageStore.PageSize;

    private readonly IDiskImage _image;
    private readonly PageStore _blocks = new();

    /// <param name="image">What lies under it.</param>
    /// <param name="readOnly">The guest cannot write.</param>
    public DiskOverlay(IDiskImage image, bool readOnly = false)
    {
        _image = image;
        IsReadOnly = readOnly;
    }

    /// <summary>The guest cannot write.</summary>
    public bool IsReadOnly { get; }

    /// <summary>Bytes.</summary>
    public ulong Length => _image.Length;

    /// <summary>What lies under it.</summary>
    public IDiskImage Image => _image;

    /// <summary>The blocks the guest has written, by number; they replace those of the image.</summary>
    public PageStore Blocks => _blocks;

    /// <summary>Reads bytes that lie wholly within the disk.</summary>
    public void Read(ulong offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var within = (int)(offset % BlockSize);
            int chunk = Math.Min(BlockSize - within, destination.Length);
            if (_blocks.TryGet(offset / BlockSize, out byte[]? block))
                block.AsSpan(within, chunk).CopyTo(destination);
            else
                _image.Read(offset, destination[..chunk]);
            destination = destination[chunk..];
            offset += (ulong)chunk;
        }
    }

    /// <summary>Writes bytes that lie wholly within the disk.</summary>
    public void Write(ulong offset, ReadOnlySpan<byte> source)
    {
        Check.That(!IsReadOnly && offset + (ulong)source.Length <= Length);
        while (source.Length > 0)
        {
            var within = (int)(offset % BlockSize);
            int chunk = Math.Min(BlockSize - within, source.Length);
            source[..chunk].CopyTo(ForWrite(offset / BlockSize, whole: chunk == BlockSize).AsSpan(within));
            source = source[chunk..];
            offset += (ulong)chunk;
        }
    }

    private byte[] ForWrite(ulong number, bool whole)
    {
        byte[]? block = _blocks.ForUpdate(number);
        if (block is not null)
            return block;
        block = new byte[BlockSize];
        if (!whole)
        {
            ulong start = number * BlockSize;
            _image.Read(start, block.AsSpan(0, (int)Math.Min(BlockSize, Length - start)));
        }

        return _blocks.Put(number, block);
    }
}
