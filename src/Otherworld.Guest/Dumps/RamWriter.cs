using Emu.Core.Memory;
using Otherworld.Guest.Inspection;

namespace Otherworld.Guest.Dumps;

/// <summary>Writes RAM into a file, zero frames as holes.</summary>
public static class RamWriter
{
    private const int ProgressInterval = 1 << 14; // frames: 64 MiB

    /// <summary>Writes frames of RAM one behind the other, from where the stream stands.</summary>
    public static void Write(Stream stream, PhysicalMemory memory, int first, int count, Action<int>? progress)
    {
        long start = stream.Position;
        long end = start + ((long)count * GuestMemory.FrameSize);
        stream.SetLength(end);
        for (int i = 0; i < count; i++)
        {
            if (i % ProgressInterval == 0)
                progress?.Invoke(first + i);
            ReadOnlySpan<byte> frame = memory.Frame(first + i);
            if (frame.IsEmpty)
                continue;
            stream.Position = start + ((long)i * GuestMemory.FrameSize);
            stream.Write(frame);
        }

        stream.Position = end;
    }

    /// <summary>Writes RAM so that the position in the file is the physical address.</summary>
    public static void WriteFlat(Stream stream, PhysicalMemory memory, Action<int>? progress)
    {
        int low = (int)(memory.LowSize / GuestMemory.FrameSize);
        int all = (int)(memory.Size / GuestMemory.FrameSize);
        Write(stream, memory, 0, low, progress);
        if (all == low)
            return;
        stream.SetLength((long)GuestMemory.HoleEnd);
        stream.Position = (long)GuestMemory.HoleEnd;
        Write(stream, memory, low, all - low, progress);
    }
}
