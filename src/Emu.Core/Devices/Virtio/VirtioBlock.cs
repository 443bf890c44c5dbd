using System.Buffers.Binary;
using System.Text;
using Emu.Core.Devices.Disk;
using Emu.Core.Irq;
using Emu.Core.Memory;
using Emu.Core.State;
using Emu.Core.Time;

namespace Emu.Core.Devices.Virtio;

/// <summary>
/// Block device (virtio 1.2, 5.2) on a <see cref="DiskOverlay"/>. A request is carried out a fixed latency after it was taken, in one piece, in
/// order: until then nothing of it has reached the disk or guest memory, and a reset makes that never.
/// </summary>
public sealed class VirtioBlock : VirtioDevice<VirtioBlockState>, ITimedDevice, IVisitable
{
    /// <summary>Ticks from taking a request to carrying it out: 20 microseconds, about what a fast flash disk needs.</summary>
    public const ulong DefaultLatency = 20_000;

    private const int SectorSize = 512;
    private const ulong FeatureSegmentSize = 1 << 1;
    private const ulong FeatureSegmentCount = 1 << 2;
    private const ulong FeatureReadOnly = 1 << 5;
    private const ulong FeatureBlockSize = 1 << 6;
    private const ulong FeatureFlush = 1 << 9;
    private const ulong FeatureTopology = 1 << 10;
    private const ulong FeatureDiscard = 1 << 13;
    private const ulong FeatureWriteZeroes = 1 << 14;

    private readonly DiskOverlay _disk;
    private readonly EventQueue _events;
    private readonly MachineClock _clock;
    private readonly ulong _latency;
    private readonly int _slot;
    private readonly byte[] _serial;

    /// <param name="id">Name within the machine, for example <c>vda</c>.</param>
    /// <param name="memory">Guest RAM.</param>
    /// <param name="irq">Interrupt line.</param>
    /// <param name="disk">What it stores on.</param>
    /// <param name="events">Timers.</param>
    /// <param name="clock">Time.</param>
    /// <param name="latency">Ticks per request; 0 carries requests out while the guest notifies.</param>
    public VirtioBlock(string id, GuestMemory memory, IIrqLine irq, DiskOverlay disk, EventQueue events, MachineClock clock, ulong latency = DefaultLatency)
        : base(id, memory, irq)
    {
        _disk = disk;
        _events = events;
        _clock = clock;
        _latency = latency;
        _slot = events.Register(this, 0);
        _serial = Encoding.ASCII.GetBytes($"otherworld-{id}".PadRight(VirtioBlockRequest.IdLength, '\0')[..VirtioBlockRequest.IdLength]);
        Reset();
    }

    /// <summary>The disk.</summary>
    public DiskOverlay Disk => _disk;

    /// <summary>Requests taken and not carried out.</summary>
    public int InFlight => (int)S.Function.InFlightCount;

    private protected override uint DeviceId => 2;

    private protected override ulong FunctionFeatures => FeatureSegmentSize | FeatureSegmentCount | FeatureBlockSize | FeatureFlush | FeatureTopology
        | (_disk.IsReadOnly ? FeatureReadOnly : FeatureDiscard | FeatureWriteZeroes);

    private protected override int QueueCount => 1;

    /// <inheritdoc/>
    public void OnTimer(int timer)
    {
        ref VirtioBlockState state = ref S.Function;
        while (state.InFlightCount > 0 && state.Due[(int)state.InFlightFirst] <= _clock.Now)
        {
            ushort head = state.Heads[(int)state.InFlightFirst];
            state.InFlightFirst = (state.InFlightFirst + 1) % VirtQueue.MaxSize;
            state.InFlightCount--;
            VirtioFault fault = CarryOut(head);
            if (fault != VirtioFault.None)
                Fail(fault);
        }

        SignalUsed(0);
        ServeQueue(0); // what found no room among the requests in flight
        if (state.InFlightCount > 0)
            _events.Schedule(_slot, state.Due[(int)state.InFlightFirst]);
    }

    /// <inheritdoc/>
    public void Visit(IStateVisitor visitor) => visitor.Pages("overlay", _disk.Blocks);

    private protected override void ResetFunction()
    {
    }

    private protected override void StopTransfers()
    {
        S.Function = default;
        _events.Cancel(_slot);
    }

    private protected override bool CanAccept(int queue) => S.Function.InFlightCount < VirtQueue.MaxSize;

    private protected override VirtioFault Accept(int queue, ushort head)
    {
        if (_latency == 0)
            return CarryOut(head);
        ref VirtioBlockState state = ref S.Function;
        var index = (int)((state.InFlightFirst + state.InFlightCount) % VirtQueue.MaxSize);
        state.Heads[index] = head;
        state.Due[index] = _clock.Now + _latency;
        if (state.InFlightCount++ == 0)
            _events.Schedule(_slot, state.Due[index]);
        return VirtioFault.None;
    }

    /// <summary>struct virtio_blk_config (virtio 1.2, 5.2.4).</summary>
    private protected override void FillConfig(Span<byte> config)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(config, _disk.Length / SectorSize);
        BinaryPrimitives.WriteUInt32LittleEndian(config[8..], VirtioBlockRequest.MaxSegmentSize);
        BinaryPrimitives.WriteUInt32LittleEndian(config[12..], VirtioBlockRequest.MaxSegments);
        BinaryPrimitives.WriteUInt32LittleEndian(config[20..], SectorSize);
        config[24] = 3; // topology: 2^3 logical blocks make one physical block, as in the overlay
        BinaryPrimitives.WriteUInt16LittleEndian(config[26..], 1);
        if (_disk.IsReadOnly)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(config[36..], VirtioBlockRequest.MaxZeroSectors);
        BinaryPrimitives.WriteUInt32LittleEndian(config[40..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(config[44..], 8);
        BinaryPrimitives.WriteUInt32LittleEndian(config[48..], VirtioBlockRequest.MaxZeroSectors);
        BinaryPrimitives.WriteUInt32LittleEndian(config[52..], 1);
        config[56] = 1; // write zeroes may unmap
    }

    private VirtioFault CarryOut(ushort head)
    {
        if (S.Transport.Queues[0].Ready == 0)
            return VirtioFault.None;
        Span<BufferSegment> segments = stackalloc BufferSegment[VirtQueue.MaxSize];
        VirtioFault fault = Walk(0, head, segments, out int count);
        if (fault != VirtioFault.None)
            return fault;
        var request = new VirtioBlockRequest(Memory, _disk, segments[..count]);
        if (!request.IsShaped)
            return VirtioFault.Request;
        Complete(0, head, request.CarryOut(_serial));
        return VirtioFault.None;
    }
}
