namespace Emu.Core.Memory;

/// <summary>
/// RAM at one moment: a table of frames whose contents are shared with the images before and after. Taking one copies the frames written since
/// the last image was taken or restored, and restoring one copies back the frames that may differ from it. Zero frames cost nothing.
/// </summary>
public sealed unsafe class RamImage
{
    private readonly FrameRef[] _frames;

    private RamImage(FrameRef[] frames) => _frames = frames;

    /// <summary>Number of frames, zero or not.</summary>
    public int FrameCount => _frames.Length;

    /// <summary>Contents of a frame.</summary>
    public FrameRef this[int frame] => _frames[frame];

    /// <summary>Takes an image and clears the dirty list: the processor must have dropped its write entries.</summary>
    public static RamImage Take(GuestMemory memory)
    {
        FrameRef[] frames = memory.Baseline is { } baseline ? (FrameRef[])baseline._frames.Clone() : new FrameRef[memory.FrameCount];
        var builder = new PageRegionBuilder(memory.DirtyFrames.Length);
        foreach (uint frame in memory.DirtyFrames)
        {
            ReadOnlySpan<byte> now = Frame(memory, frame);
            ref FrameRef entry = ref frames[frame];
            if (now.IndexOfAnyExcept((byte)0) < 0)
                entry = default;
            else if (entry.IsZero || !now.SequenceEqual(entry.Bytes))
                entry = builder.Add(now);
        }

        return Attach(memory, new RamImage(frames));
    }

    /// <summary>Where the contents of its frames lie; other images share some of it.</summary>
    public IReadOnlySet<PageRegion> Regions()
    {
        var regions = new HashSet<PageRegion>(ReferenceEqualityComparer.Instance);
        foreach (FrameRef frame in _frames)
        {
            if (frame.Region is { } region)
                regions.Add(region);
        }

        return regions;
    }

    /// <summary>Builds an image from frames in any order.</summary>
    /// <param name="frameCount">Frames of the memory it is for.</param>
    /// <param name="present">Frames that are not zero.</param>
    public static RamImage From(int frameCount, IEnumerable<(int Frame, FrameRef Contents)> present)
    {
        var frames = new FrameRef[frameCount];
        foreach ((int frame, FrameRef contents) in present)
            frames[frame] = contents;
        return new RamImage(frames);
    }

    /// <summary>
    /// Makes RAM what it was. The processor must have dropped everything it derived from page tables; of code it is told where RAM really changes, so that what
    /// it has made of all other code stays.
    /// </summary>
    public void RestoreTo(GuestMemory memory)
    {
        Check.That(memory.FrameCount == FrameCount, "an image fits only memory of its size");
        foreach (uint frame in memory.DirtyFrames)
            CopyTo(memory, frame);
        FrameRef[]? baseline = memory.Baseline?._frames;
        for (int frame = 0; baseline != _frames && frame < _frames.Length; frame++)
        {
            if (_frames[frame] != (baseline is null ? default : baseline[frame]))
                CopyTo(memory, (uint)frame);
        }

        Attach(memory, this);
    }

    private static RamImage Attach(GuestMemory memory, RamImage image)
    {
        memory.ClearDirty();
        memory.Baseline = image;
        return image;
    }

    private static Span<byte> Frame(GuestMemory memory, uint frame) => new(memory.Base + ((ulong)frame * GuestMemory.FrameSize), GuestMemory.FrameSize);

    private void CopyTo(GuestMemory memory, uint frame)
    {
        FrameRef contents = _frames[frame];
        Span<byte> now = Frame(memory, frame);
        if ((memory.Flags[frame] & (byte)FrameFlags.Code) != 0)
        {
            if (contents.IsZero ? !now.ContainsAnyExcept((byte)0) : now.SequenceEqual(contents.Bytes))
                return;
            memory.Watcher?.BeforeReplacement(frame);
        }

        if (contents.IsZero)
            now.Clear();
        else
            contents.Bytes.CopyTo(now);
    }
}
