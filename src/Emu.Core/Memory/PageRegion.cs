using System.IO.Hashing;

namespace Emu.Core.Memory;

/// <summary>Contents of some frames, filled once and never changed; shared by all images that have a frame in it.</summary>
public sealed class PageRegion
{
    /// <summary>Most frames in one region: 16 MiB, so that a region whose frames are all superseded is soon free.</summary>
    public const int Capacity = 4096;

    private readonly byte[] _bytes;
    private readonly UInt128[] _hashes;

    internal PageRegion(int capacity)
    {
        _bytes = GC.AllocateUninitializedArray<byte>(capacity * GuestMemory.FrameSize);
        _hashes = new UInt128[capacity];
    }

    /// <summary>Bytes it occupies.</summary>
    public long Size => _bytes.LongLength;

    /// <summary>The bytes of a frame.</summary>
    public Span<byte> this[int index] => _bytes.AsSpan(index * GuestMemory.FrameSize, GuestMemory.FrameSize);

    /// <summary>XxHash128 of a frame, computed at the first question.</summary>
    public UInt128 Hash(int index)
    {
        lock (_hashes)
        {
            if (_hashes[index] == UInt128.Zero)
                _hashes[index] = XxHash128.HashToUInt128(this[index]);
            return _hashes[index];
        }
    }
}
