using Emu.Core.Devices.Disk;
using Emu.Core.Devices.Virtio;
using Emu.Core.Memory;
using Emu.Core.Time;

namespace Emu.Core.Tests.Virtio;

/// <summary>A block device with all it needs, and its driver.</summary>
internal sealed class BlockBench : IDisposable
{
    public const ulong HeaderAt = 0x80000;
    public const ulong StatusAt = 0x80100;
    public const ulong DataAt = 0x90000;

    public BlockBench(byte[] image, ulong features = 0, ulong latency = VirtioBlock.DefaultLatency, bool readOnly = false)
    {
        Events = new EventQueue(Clock);
        Disk = new DiskOverlay(new MemoryDiskImage(image), readOnly);
        Device = new VirtioBlock("vda", Memory, Line, Disk, Events, Clock, latency);
        Driver = new TestDriver<VirtioBlockState>(Device, Memory, features);
    }

    public MachineClock Clock { get; } = new();

    public GuestMemory Memory { get; } = new(2 << 20);

    public RecordingLine Line { get; } = new();

    public EventQueue Events { get; }

    public DiskOverlay Disk { get; }

    public VirtioBlock Device { get; }

    public TestDriver<VirtioBlockState> Driver { get; }

    /// <summary>Submits one request; data is cut into pieces of <paramref name="piece"/> bytes.</summary>
    public void Submit(uint type, ulong sector, uint length, bool toGuest, uint piece = 4096)
    {
        Memory.Write(HeaderAt, type);
        Memory.Write(HeaderAt + 4, 0u);
        Memory.Write(HeaderAt + 8, sector);
        Memory.Write(StatusAt, (byte)0xEE);
        List<GuestBuffer> buffers = [new(HeaderAt, 16, false)];
        for (uint done = 0; done < length; done += piece)
            buffers.Add(new GuestBuffer(DataAt + done, Math.Min(piece, length - done), toGuest));
        buffers.Add(new GuestBuffer(StatusAt, 1, true));
        Driver.Submit(0, 0, buffers.ToArray());
    }

    /// <summary>Lets time pass until nothing is scheduled any more.</summary>
    public void Settle()
    {
        while (Events.NextTick != EventQueue.Never)
        {
            Clock.Now = Math.Max(Clock.Now, Events.NextTick);
            Events.FireDue();
        }
    }

    /// <summary>Submits, waits, and returns the status byte.</summary>
    public byte Request(uint type, ulong sector, uint length, bool toGuest, uint piece = 4096)
    {
        Submit(type, sector, length, toGuest, piece);
        Settle();
        Assert.That(Driver.TryTakeUsed(0, out _, out _), "the request came back");
        return Memory.Read<byte>(StatusAt);
    }

    public void Dispose() => Memory.Dispose();
}
