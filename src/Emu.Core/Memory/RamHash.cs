using System.IO.Hashing;

namespace Emu.Core.Memory;

/// <summary>
/// Hash over RAM at a cost for what was written since: the sum of the hashes of all frames that are not zero, each seeded with its number. Equal
/// contents give equal sums, however they came about.
/// </summary>
public sealed unsafe class RamHash
{
    private readonly GuestMemory _memory;
    private readonly ulong[] _frames;
    private ulong? _generation;
    private ulong _sum;

    /// <param name="memory">Guest RAM.</param>
    public RamHash(GuestMemory memory)
    {
        _memory = memory;
        _frames = new ulong[memory.FrameCount];
    }

    /// <summary>The hash now.</summary>
    public ulong Compute()
    {
        if (_memory.DirtyGeneration == _generation)
        {
            foreach (uint frame in _memory.DirtyFrames)
                Add(frame);
            return _sum;
        }

        // The dirty list was emptied, or never looked at: what was written before it is not on it any more.
        for (uint frame = 0; frame < _frames.Length; frame++)
            Add(frame);
        _generation = _memory.DirtyGeneration;
        return _sum;
    }

    private void Add(uint frame)
    {
        // SAFETY: frame is below FrameCount, and RAM is mapped as long as the memory lives.
        var bytes = new ReadOnlySpan<byte>(_memory.Base + ((ulong)frame * GuestMemory.FrameSize), GuestMemory.FrameSize);
        ulong hash = bytes.ContainsAnyExcept((byte)0) ? XxHash3.HashToUInt64(bytes, frame) : 0;
        _sum += hash - _frames[frame];
        _frames[frame] = hash;
    }
}
