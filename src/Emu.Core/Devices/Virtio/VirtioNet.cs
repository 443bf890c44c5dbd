using System.Buffers.Binary;
using Emu.Core.Devices.Network;
using Emu.Core.Irq;
using Emu.Core.Memory;
using Emu.Core.Time;

namespace Emu.Core.Devices.Virtio;

/// <summary>
/// Network card (virtio 1.2, 5.1): queue 0 receives, queue 1 transmits. It sends a frame at the tick at which the driver notifies it. A frame that
/// arrives when the driver has no room for it is lost, as on any card. Frames are whole and true: no checksum or segmentation is left to the card,
/// so that what travels over a link is what would stand on a wire.
/// </summary>
public sealed class VirtioNet : VirtioDevice<VirtioNet.State>
{
    private const int ReceiveQueue = 0;
    private const int TransmitQueue = 1;
    private const ulong FeatureMac = 1 << 5;
    private const ulong FeatureMergeBuffers = 1 << 15;
    private const ulong FeatureStatus = 1 << 16;
    private const ushort StatusLinkUp = 1;

    /// <summary>struct virtio_net_hdr (virtio 1.2, 5.1.6): all zero but the number of buffers, for want of offloads.</summary>
    private const int HeaderLength = 12;
    private const int HeaderBufferCount = 10;

    private readonly MacAddress _mac;
    private readonly MachineClock _clock;
    private readonly IFrameSink _cable;

    /// <param name="id">Name within the machine.</param>
    /// <param name="memory">Guest RAM.</param>
    /// <param name="irq">Interrupt line.</param>
    /// <param name="mac">Its address.</param>
    /// <param name="clock">Time.</param>
    /// <param name="cable">Where the guest's frames go.</param>
    public VirtioNet(string id, GuestMemory memory, IIrqLine irq, MacAddress mac, MachineClock clock, IFrameSink cable)
        : base(id, memory, irq)
    {
        _mac = mac;
        _clock = clock;
        _cable = cable;
        Reset();
    }

    /// <summary>What went through the card since power-on.</summary>
    public State Counters => S.Function;

    private protected override uint DeviceId => 1;

    private protected override ulong FunctionFeatures => FeatureMac | FeatureMergeBuffers | FeatureStatus;

    private protected override int QueueCount => 2;

    /// <summary>A frame arrives, at the present tick. Lost if the driver is not there or has no room.</summary>
    public void Receive(ReadOnlySpan<byte> frame)
    {
        ref State counters = ref S.Function;
        if (!EthernetFrame.IsLength((ulong)frame.Length))
        {
            counters.BadLength++;
            return;
        }

        if (!TryDeliver(frame))
        {
            counters.NoRoom++;
            return;
        }

        counters.Received++;
        counters.ReceivedBytes += (ulong)frame.Length;
        SignalUsed(ReceiveQueue);
    }

    private protected override void ResetFunction()
    {
    }

    private protected override void StopTransfers()
    {
    }

    /// <summary>struct virtio_net_config (virtio 1.2, 5.1.4).</summary>
    private protected override void FillConfig(Span<byte> config)
    {
        _mac.CopyTo(config);
        BinaryPrimitives.WriteUInt16LittleEndian(config[MacAddress.Length..], StatusLinkUp);
    }

    /// <summary>Buffers to receive into stay in their ring until a frame comes.</summary>
    private protected override bool CanAccept(int queue) => queue == TransmitQueue;

    /// <summary>Sends a frame.</summary>
    private protected override VirtioFault Accept(int queue, ushort head)
    {
        Span<BufferSegment> segments = stackalloc BufferSegment[VirtQueue.MaxSize];
        VirtioFault fault = Walk(queue, head, segments, out int count);
        if (fault != VirtioFault.None)
            return fault;
        segments = segments[..count];
        ulong total = SegmentCursor.Total(segments);
        if (total < HeaderLength || segments[^1].Writable)
            return VirtioFault.Request;
        if (EthernetFrame.IsLength(total - HeaderLength))
            Send(new SegmentCursor(Memory, segments), (int)total - HeaderLength);
        else
            S.Function.BadLength++;
        Complete(queue, head, 0);
        return VirtioFault.None;
    }

    private void Send(SegmentCursor cursor, int length)
    {
        Span<byte> bytes = stackalloc byte[EthernetFrame.MaxLength];
        Span<byte> frame = bytes[..length];
        cursor.Skip(HeaderLength);
        cursor.Read(frame);
        S.Function.Sent++;
        S.Function.SentBytes += (ulong)length;
        _cable.Send(_clock.Now, frame);
    }

    /// <summary>Puts a frame into the next chain, or over several where the driver allows it (virtio 1.2, 5.1.6.4). All or nothing.</summary>
    private bool TryDeliver(ReadOnlySpan<byte> frame)
    {
        Span<byte> bytes = stackalloc byte[HeaderLength + EthernetFrame.MaxLength];
        Span<byte> packet = bytes[..(HeaderLength + frame.Length)];
        Span<ushort> heads = stackalloc ushort[VirtQueue.MaxSize];
        int chains = TakeRoom(packet.Length, heads);
        packet[..HeaderLength].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(packet[HeaderBufferCount..], (ushort)chains);
        frame.CopyTo(packet[HeaderLength..]);
        ReadOnlySpan<byte> left = packet;
        for (int i = 0; i < chains; i++)
        {
            if (!TryFill(heads[i], ref left))
                return false;
        }

        return chains > 0;
    }

    /// <summary>Takes as many chains as a packet needs.</summary>
    /// <returns>How many; 0 when there are not enough, and then none is taken.</returns>
    private int TakeRoom(int length, Span<ushort> heads)
    {
        Span<BufferSegment> segments = stackalloc BufferSegment[VirtQueue.MaxSize];
        int most = HasNegotiated(FeatureMergeBuffers) ? heads.Length : 1;
        ulong room = 0;
        int chains = 0;
        while (room < (ulong)length && chains < most && TryTake(ReceiveQueue, out heads[chains]))
        {
            if (!TryWalkToReceive(heads[chains++], segments, out int count))
                return 0;
            room += SegmentCursor.Total(segments[..count]);
        }

        if (room >= (ulong)length)
            return chains;
        PutBack(ReceiveQueue, chains);
        return 0;
    }

    /// <summary>Fills a chain with the beginning of what is left of a packet, and gives it back.</summary>
    private bool TryFill(ushort head, ref ReadOnlySpan<byte> left)
    {
        Span<BufferSegment> segments = stackalloc BufferSegment[VirtQueue.MaxSize];
        // Walked again: filling the chain before may have changed this one, if the driver is so mad as to let buffers and descriptors overlap.
        if (!TryWalkToReceive(head, segments, out int count))
            return false;
        var part = (int)Math.Min(SegmentCursor.Total(segments[..count]), (ulong)left.Length);
        new SegmentCursor(Memory, segments[..count]).Write(left[..part]);
        Complete(ReceiveQueue, head, (uint)part);
        left = left[part..];
        return true;
    }

    private bool TryWalkToReceive(ushort head, Span<BufferSegment> segments, out int count)
    {
        VirtioFault fault = Walk(ReceiveQueue, head, segments, out count);
        if (fault == VirtioFault.None && count > 0 && !segments[0].Writable)
            fault = VirtioFault.Request;
        if (fault != VirtioFault.None)
            Fail(fault);
        return fault == VirtioFault.None;
    }

    /// <summary>Frames and bytes of frames, since power-on.</summary>
    public struct State
    {
        public ulong Sent;
        public ulong SentBytes;
        public ulong Received;
        public ulong ReceivedBytes;

        /// <summary>Frames that arrived in vain: no driver, or none of its buffers left.</summary>
        public ulong NoRoom;

        /// <summary>What was shorter or longer than any frame, in either direction.</summary>
        public ulong BadLength;
    }
}
