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
    private ulong? _dirtyGeneration;
    private ulong? _freshGeneration;
    private ulong _sum;

    /// <param name="memory">Guest RAM.</param>
    public RamHash(GuestMemory memory)
    {
        _memory = memory;
        _frames = new ulong[memory.FrameCount];
    }

    /// <summary>The hash now. The processor must have dropped its write entries (see <c>IProcessor.DropTranslations</c>).</summary>
    public ulong Compute()
    {
        bool missedNone = _memory.FreshGeneration == _freshGeneration;
        ReadOnlySpan<uint> fresh = _memory.TakeFresh();
        _freshGeneration = _memory.FreshGeneration;
        if (missedNone || _memory.DirtyGeneration == _dirtyGeneration)
        {
            foreach (uint frame in missedNone ? fresh : _memory.DirtyFrames)
                Add(frame);
            return _sum;
        }

        // A snapshot emptied the dirty list, or this is the first time: what was written before is not on it.
        _dirtyGeneration = _memory.DirtyGeneration;
        for (uint frame = 0; frame < _frames.Length; frame++)
        {
            if (_frames[frame] != 0 || !IsUntouched(frame))
                Add(frame);
        }

        return _sum;
    }

    /// <summary>Known to be zero without a look at it, for which the host would have to find a page.</summary>
    private bool IsUntouched(uint frame) => (_memory.Flags[frame] & (byte)FrameFlags.Listed) == 0 && (_memory.Baseline is not { } baseline || baseline[(int)frame].IsZero);

    private void Add(uint frame)
    {
        // SAFETY: frame is below FrameCount, and RAM is mapped as long as the memory lives.
        var bytes = new ReadOnlySpan<byte>(_memory.Base + ((ulong)frame * GuestMemory.FrameSize), GuestMemory.FrameSize);
        ulong hash = bytes.ContainsAnyExcept((byte)0) ? XxHash3.HashToUInt64(bytes, frame) : 0;
        _sum += hash - _frames[frame];
        _frames[frame] = hash;
    }
}
