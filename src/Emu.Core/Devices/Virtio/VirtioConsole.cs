using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Emu.Core.Irq;
using Emu.Core.Memory;

namespace Emu.Core.Devices.Virtio;

/// <summary>Console with a single port (virtio 1.2, 5.3): queue 0 receives, queue 1 transmits.</summary>
public sealed class VirtioConsole : VirtioDevice<VirtioConsole.State>
{
    /// <summary>Input bytes that wait for the guest to offer buffers; more are refused.</summary>
    public const int InputCapacity = 1024;

    private const int ReceiveQueue = 0;
    private const int TransmitQueue = 1;
    private const ulong FeatureSize = 1;

    /// <summary>Far beyond what any driver sends at once; bounds the work of one request.</summary>
    private const ulong LargestRequest = 1 << 20;

    private readonly IByteSink _output;

    /// <param name="id">Name within the machine.</param>
    /// <param name="memory">Guest RAM.</param>
    /// <param name="irq">Interrupt line.</param>
    /// <param name="output">Where the guest's bytes go.</param>
    public VirtioConsole(string id, GuestMemory memory, IIrqLine irq, IByteSink output)
        : base(id, memory, irq)
    {
        _output = output;
        Reset();
    }

    private protected override uint DeviceId => 3;

    private protected override ulong FunctionFeatures => FeatureSize;

    private protected override int QueueCount => 2;

    /// <summary>
    /// Bytes to be sent now, for whoever wants them to be read: none before there is a driver. Linux throws away what waits for it when it starts its
    /// queues, since the interrupt then comes before its port exists.
    /// </summary>
    public int LineRoom => (S.Transport.Status & VirtioStatus.DriverOk) == VirtioStatus.None ? 0 : Room;

    private int Room => InputCapacity - (int)S.Function.InputCount;

    /// <summary>Input from outside, at the present tick.</summary>
    /// <returns>How many bytes were taken; the rest did not fit.</returns>
    public int Inject(ReadOnlySpan<byte> bytes)
    {
        int count = Math.Min(bytes.Length, Room);
        for (int i = 0; i < count; i++)
            S.Function.Input[(int)((S.Function.InputHead + S.Function.InputCount++) % InputCapacity)] = bytes[i];
        ServeQueue(ReceiveQueue);
        return count;
    }

    /// <summary>The terminal outside has changed its size.</summary>
    public void Resize(ushort columns, ushort rows)
    {
        if (S.Function.Columns == columns && S.Function.Rows == rows)
            return;
        (S.Function.Columns, S.Function.Rows) = (columns, rows);
        AnnounceConfigChange();
    }

    private protected override void ResetFunction() => (S.Function.Columns, S.Function.Rows) = (80, 25);

    private protected override void StopTransfers()
    {
    }

    private protected override void FillConfig(Span<byte> config)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(config, S.Function.Columns);
        BinaryPrimitives.WriteUInt16LittleEndian(config[2..], S.Function.Rows);
    }

    private protected override bool CanAccept(int queue) => queue == TransmitQueue || S.Function.InputCount > 0;

    private protected override VirtioFault Accept(int queue, ushort head)
    {
        Span<BufferSegment> segments = stackalloc BufferSegment[VirtQueue.MaxSize];
        VirtioFault fault = Walk(queue, head, segments, out int count);
        if (fault != VirtioFault.None)
            return fault;
        segments = segments[..count];
        bool wrongWay = count > 0 && segments[0].Writable != (queue == ReceiveQueue);
        ulong total = SegmentCursor.Total(segments);
        if (wrongWay || total > LargestRequest)
            return VirtioFault.Request;
        var cursor = new SegmentCursor(Memory, segments);
        if (queue == ReceiveQueue)
            Complete(queue, head, Receive(cursor, (int)total));
        else
            Transmit(queue, head, cursor, (int)total);
        return VirtioFault.None;
    }

    private uint Receive(SegmentCursor cursor, int room)
    {
        ref State state = ref S.Function;
        int count = Math.Min(room, (int)state.InputCount);
        Span<byte> bytes = stackalloc byte[count];
        for (int i = 0; i < count; i++)
            bytes[i] = state.Input[(int)((state.InputHead + (uint)i) % InputCapacity)];
        state.InputHead = (state.InputHead + (uint)count) % InputCapacity;
        state.InputCount -= (uint)count;
        cursor.Write(bytes);
        return (uint)count;
    }

    private void Transmit(int queue, ushort head, SegmentCursor cursor, int total)
    {
        Span<byte> bytes = stackalloc byte[256];
        while (total > 0)
        {
            Span<byte> part = bytes[..Math.Min(bytes.Length, total)];
            cursor.Read(part);
            _output.Write(part);
            total -= part.Length;
        }

        Complete(queue, head, 0);
    }

    /// <summary>Terminal size, and input that waits.</summary>
    public struct State
    {
        public ushort Columns;
        public ushort Rows;
        public uint InputHead;
        public uint InputCount;
        public uint Reserved;
        public InputBytes Input;
    }

    /// <summary>A ring of <see cref="InputCapacity"/> bytes.</summary>
    [InlineArray(InputCapacity)]
    public struct InputBytes
    {
        private byte _element;
    }
}
