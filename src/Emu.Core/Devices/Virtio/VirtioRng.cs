using Emu.Core.Irq;
using Emu.Core.Memory;
using Emu.Core.State;

namespace Emu.Core.Devices.Virtio;

/// <summary>Entropy device (virtio 1.2, 5.4), seeded: its bytes are as reproducible as everything else.</summary>
public sealed class VirtioRng : VirtioDevice<VirtioRng.State>
{
    /// <summary>Most bytes given for one request; the device may fill a buffer in part (virtio 1.2, 5.4.6.2).</summary>
    private const int MostPerRequest = 4096;

    private readonly ulong _seed;

    /// <param name="id">Name within the machine.</param>
    /// <param name="memory">Guest RAM.</param>
    /// <param name="irq">Interrupt line.</param>
    /// <param name="seed">Equal seeds give equal bytes.</param>
    public VirtioRng(string id, GuestMemory memory, IIrqLine irq, ulong seed)
        : base(id, memory, irq)
    {
        _seed = seed;
        Reset();
    }

    private protected override uint DeviceId => 4;

    private protected override ulong FunctionFeatures => 0;

    private protected override int QueueCount => 1;

    private protected override void ResetFunction() => S.Function.Prng = new Prng(_seed);

    private protected override void StopTransfers()
    {
    }

    private protected override void FillConfig(Span<byte> config)
    {
    }

    private protected override bool CanAccept(int queue) => true;

    private protected override VirtioFault Accept(int queue, ushort head)
    {
        Span<BufferSegment> segments = stackalloc BufferSegment[VirtQueue.MaxSize];
        VirtioFault fault = Walk(queue, head, segments, out int count);
        if (fault != VirtioFault.None)
            return fault;
        segments = segments[..count];
        if (count == 0 || !segments[0].Writable)
            return VirtioFault.Request;
        Span<byte> bytes = stackalloc byte[MostPerRequest];
        bytes = bytes[..(int)Math.Min(MostPerRequest, SegmentCursor.Total(segments))];
        S.Function.Prng.Fill(bytes);
        new SegmentCursor(Memory, segments).Write(bytes);
        Complete(queue, head, (uint)bytes.Length);
        return VirtioFault.None;
    }

    /// <summary>The generator.</summary>
    public struct State
    {
        public Prng Prng;
    }
}
