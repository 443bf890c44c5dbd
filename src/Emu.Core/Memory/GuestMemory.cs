using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emu.Core.Memory;

/// <summary>
/// Guest RAM: anonymous host memory, one flag byte per frame, a list of dirty frames. Up to 3 GiB lie at physical address 0; the rest
/// continues at 4 GiB. Offsets into RAM are contiguous; physical addresses are not.
/// </summary>
/// <remarks>
/// There is one write door. The processor's fast path may store directly only to frames that are <see cref="FrameFlags.Dirty"/> and carry
/// none of <see cref="FrameFlags.Code"/>, <see cref="FrameFlags.PageTable"/> and <see cref="FrameFlags.Watch"/>; every other write, whoever makes it, goes through
/// <see cref="BeforeWrite"/> or <see cref="Write"/>.
/// </remarks>
public sealed unsafe class GuestMemory : IDisposable
{
    /// <summary>Bytes in a frame.</summary>
    public const int FrameSize = 4096;

    /// <summary>Physical address at which RAM below the hole ends at most.</summary>
    public const ulong HoleStart = 0xC000_0000;

    /// <summary>Physical address at which RAM continues behind the hole.</summary>
    public const ulong HoleEnd = 0x1_0000_0000;

    private readonly uint[] _dirty;
    private readonly uint[] _fresh;
    private int _dirtyCount;
    private int _freshCount;
    private byte* _base;
    private byte* _flags;

    /// <param name="size">Bytes of RAM, a multiple of 2 MiB, at least 2 MiB.</param>
    public GuestMemory(ulong size)
    {
        if (size < 2 << 20 || size % (2 << 20) != 0 || size > 1UL << 38)
            throw new OtherworldException($"memory size {size} bytes is not a multiple of 2 MiB between 2 MiB and 256 GiB. Give for example 512M.");
        Size = size;
        FrameCount = checked((int)(size / FrameSize));
        _base = HostMemory.Map(size);
        _flags = HostMemory.Map((ulong)FrameCount);
        _dirty = new uint[FrameCount];
        _fresh = new uint[FrameCount];
    }

    /// <summary>Told before writes to frames with code or page tables. Set once by the processor.</summary>
    public IFrameWatcher? Watcher { get; set; }

    /// <summary>Bytes of RAM.</summary>
    public ulong Size { get; }

    /// <summary>Number of 4 KiB frames.</summary>
    public int FrameCount { get; }

    /// <summary>First byte of RAM in the host; stable for the life of the object.</summary>
    public byte* Base => _base;

    /// <summary>One <see cref="FrameFlags"/> per frame, indexed by RAM offset / 4096; stable for the life of the object.</summary>
    public byte* Flags => _flags;

    /// <summary>Frames written since <see cref="ClearDirty"/>, in the order of their first write.</summary>
    public ReadOnlySpan<uint> DirtyFrames => _dirty.AsSpan(0, _dirtyCount);

    /// <summary>How often <see cref="ClearDirty"/> was called: who keeps something by the dirty list must begin anew when it changes.</summary>
    public ulong DirtyGeneration { get; private set; }

    /// <summary>How often <see cref="TakeFresh"/> or <see cref="ClearDirty"/> was called: who was not the last to call has missed frames.</summary>
    public ulong FreshGeneration { get; private set; }

    /// <summary>What RAM is equal to, except for the dirty frames; null for all zeroes. Set by <see cref="RamImage"/> alone.</summary>
    public RamImage? Baseline { get; internal set; }

    /// <summary>RAM that lies below the hole, in bytes.</summary>
    public ulong LowSize => Math.Min(Size, HoleStart);

    /// <summary>Whether there is RAM at so many bytes, one at least, from a physical address on.</summary>
    public bool Holds(ulong physical, int length)
    {
        for (ulong done = 0; done < (ulong)length; done += FrameSize - ((physical + done) % FrameSize))
        {
            if (!TryOffset(physical + done, out _))
                return false;
        }

        return true;
    }

    /// <summary>Translates a physical address to an offset into RAM.</summary>
    /// <returns>False where there is no RAM.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryOffset(ulong physical, out ulong offset)
    {
        if (physical < LowSize)
        {
            offset = physical;
            return true;
        }

        offset = physical - HoleEnd + HoleStart;
        return physical >= HoleEnd && offset < Size;
    }

    /// <summary>Physical address of an offset into RAM.</summary>
    public static ulong PhysicalOf(ulong offset) => offset < HoleStart ? offset : offset - HoleStart + HoleEnd;

    /// <summary>Announces that [offset, offset + length), within one frame, is about to be written: marks it dirty and tells the watcher.</summary>
    public void BeforeWrite(ulong offset, int length)
    {
        byte flags = _flags[offset / FrameSize];
        if ((flags & (byte)(FrameFlags.Code | FrameFlags.PageTable | FrameFlags.Watch)) != 0)
            Watcher?.BeforeWrite(offset, length);
        if ((flags & (byte)FrameFlags.Dirty) == 0)
            MarkDirty((uint)(offset / FrameSize));
    }

    /// <summary>Marks a frame dirty without writing: the processor calls it when it hands out a write entry of its TLB.</summary>
    public void MarkDirty(uint frame)
    {
        if ((_flags[frame] & (byte)FrameFlags.Dirty) != 0)
            return;
        _fresh[_freshCount++] = frame;
        if ((_flags[frame] & (byte)FrameFlags.Listed) == 0)
            _dirty[_dirtyCount++] = frame;
        _flags[frame] |= (byte)(FrameFlags.Dirty | FrameFlags.Listed);
    }

    /// <summary>Frames written since this or <see cref="ClearDirty"/> was called last, valid until the next write. The processor must have dropped its write entries.</summary>
    public ReadOnlySpan<uint> TakeFresh()
    {
        Span<uint> fresh = _fresh.AsSpan(0, _freshCount);
        foreach (uint frame in fresh)
            _flags[frame] &= unchecked((byte)~FrameFlags.Dirty);
        _freshCount = 0;
        FreshGeneration++;
        return fresh;
    }

    /// <summary>Forgets which frames are dirty. The processor must drop its write entries (see <c>IProcessor.DropTranslations</c>) before the guest runs again.</summary>
    public void ClearDirty()
    {
        foreach (uint frame in DirtyFrames)
            _flags[frame] &= unchecked((byte)~(FrameFlags.Dirty | FrameFlags.Listed));
        _dirtyCount = 0;
        _freshCount = 0;
        DirtyGeneration++;
        FreshGeneration++;
    }

    /// <summary>The bytes of a frame as they are now.</summary>
    /// <param name="frame">RAM offset / 4096.</param>
    public ReadOnlySpan<byte> Frame(int frame)
    {
        Check.That((uint)frame < (uint)FrameCount);
        return new ReadOnlySpan<byte>(_base + ((ulong)frame * FrameSize), FrameSize);
    }

    /// <summary>Reads RAM; bytes where there is none read as 0xFF.</summary>
    /// <returns>False when some byte lies outside RAM.</returns>
    public bool Read(ulong physical, Span<byte> destination)
    {
        bool complete = true;
        for (int done = 0; done < destination.Length;)
        {
            int chunk = Chunk(physical, destination.Length - done);
            Span<byte> part = destination.Slice(done, chunk);
            if (TryOffset(physical, out ulong offset))
            {
                new ReadOnlySpan<byte>(_base + offset, chunk).CopyTo(part);
            }
            else
            {
                part.Fill(0xFF);
                complete = false;
            }

            done += chunk;
            physical += (ulong)chunk;
        }

        return complete;
    }

    /// <summary>Writes RAM through the write door; bytes where there is none are lost.</summary>
    /// <returns>False when some byte lies outside RAM.</returns>
    public bool Write(ulong physical, ReadOnlySpan<byte> source)
    {
        bool complete = true;
        for (int done = 0; done < source.Length;)
        {
            int chunk = Chunk(physical, source.Length - done);
            if (TryOffset(physical, out ulong offset))
            {
                BeforeWrite(offset, chunk);
                source.Slice(done, chunk).CopyTo(new Span<byte>(_base + offset, chunk));
            }
            else
            {
                complete = false;
            }

            done += chunk;
            physical += (ulong)chunk;
        }

        return complete;
    }

    /// <summary>Reads one value; 0xFF bytes where there is no RAM.</summary>
    public T Read<T>(ulong physical)
        where T : unmanaged
    {
        if ((physical & (FrameSize - 1)) + (ulong)sizeof(T) <= FrameSize && TryOffset(physical, out ulong offset))
            return Unsafe.ReadUnaligned<T>(_base + offset);
        T value = default;
        Read(physical, MemoryMarshal.AsBytes(new Span<T>(ref value)));
        return value;
    }

    /// <summary>Writes one value through the write door.</summary>
    public void Write<T>(ulong physical, T value)
        where T : unmanaged => Write(physical, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>Makes all of RAM zero, through the write door; frames that are zero already stay untouched.</summary>
    public void Clear()
    {
        for (ulong offset = 0; offset < Size; offset += FrameSize)
        {
            var frame = new Span<byte>(_base + offset, FrameSize);
            if (!frame.ContainsAnyExcept((byte)0))
                continue;
            BeforeWrite(offset, FrameSize);
            frame.Clear();
        }
    }

    /// <summary>Feeds all of RAM to a hash.</summary>
    public void AppendTo(XxHash3 hash)
    {
        const int Piece = 2 << 20;
        for (ulong offset = 0; offset < Size; offset += Piece)
            hash.Append(new ReadOnlySpan<byte>(_base + offset, Piece));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_base == null)
            return;
        HostMemory.Unmap(_base, Size);
        HostMemory.Unmap(_flags, (ulong)FrameCount);
        _base = null;
        _flags = null;
    }

    private static int Chunk(ulong physical, int wanted) => Math.Min(wanted, FrameSize - (int)(physical % FrameSize));
}
