using System.Buffers.Binary;
using Emu.Core.Memory;

namespace Emu.Core.Devices.Virtio;

/// <summary>
/// The device side of a split virtqueue (virtio 1.2, 2.7). Everything in guest memory is a claim: each index, address and length is checked when
/// it is used, each loop is bounded by the queue size, and a broken claim is returned as a <see cref="VirtioFault"/>.
/// </summary>
internal readonly ref struct VirtQueue(GuestMemory memory, ref QueueState state, ulong features)
{
    /// <summary>Largest queue we accept, and so the longest chain.</summary>
    public const int MaxSize = 256;

    private const int DescriptorSize = 16;
    private const ushort DescriptorNext = 1;
    private const ushort DescriptorWrite = 2;
    private const ushort DescriptorIndirect = 4;
    private const ushort AvailableNoInterrupt = 1;

    private readonly GuestMemory _memory = memory;
    private readonly ref QueueState _state = ref state;
    private readonly ulong _features = features;

    private bool EventIndex => (_features & VirtioFeatures.EventIndex) != 0;

    private ulong AvailableRing => _state.Driver + 4;

    private ulong UsedEvent => AvailableRing + (2UL * _state.Num);

    private ulong UsedRing => _state.Device + 4;

    private ulong AvailableEvent => UsedRing + (8UL * _state.Num);

    /// <summary>What the driver must have got right before a queue may become ready (virtio 1.2, 2.7).</summary>
    public VirtioFault CheckAreas()
    {
        uint size = _state.Num;
        if (size is 0 or > MaxSize || !uint.IsPow2(size))
            return VirtioFault.QueueSize;
        bool aligned = _state.Desc % 16 == 0 && _state.Driver % 2 == 0 && _state.Device % 4 == 0;
        bool inRam = IsRam(_memory, _state.Desc, DescriptorSize * size) && IsRam(_memory, _state.Driver, 6 + (2 * size))
            && IsRam(_memory, _state.Device, 6 + (8 * size));
        return aligned && inRam ? VirtioFault.None : VirtioFault.QueueArea;
    }

    /// <summary>The range is RAM and one piece of it: it neither wraps nor spans the hole below 4 GiB.</summary>
    public static bool IsRam(GuestMemory memory, ulong address, uint length)
    {
        if (length == 0)
            return true;
        ulong last = address + length - 1;
        return last >= address && memory.TryOffset(address, out ulong first) && memory.TryOffset(last, out ulong end) && end - first == length - 1;
    }

    /// <summary>How many chains the driver has made available and we have not taken.</summary>
    public VirtioFault CountAvailable(out int count)
    {
        count = (ushort)(_memory.Read<ushort>(_state.Driver + 2) - _state.LastAvailable);
        return count <= _state.Num ? VirtioFault.None : VirtioFault.AvailableIndex;
    }

    /// <summary>Takes the next head from the available ring; the caller has seen that there is one.</summary>
    public ushort TakeHead()
    {
        ushort head = _memory.Read<ushort>(AvailableRing + (2UL * (_state.LastAvailable % _state.Num)));
        _state.LastAvailable++;
        return head;
    }

    /// <summary>Asks to be notified about the next chain the driver makes available.</summary>
    public void RequestNotification()
    {
        if (EventIndex)
            _memory.Write(AvailableEvent, _state.LastAvailable);
    }

    /// <summary>Collects the buffers of a chain: the readable ones, then the writable ones. Empty buffers are left out.</summary>
    /// <param name="head">As taken from the ring.</param>
    /// <param name="segments">Room for <see cref="MaxSize"/>.</param>
    /// <param name="count">How many were found.</param>
    public VirtioFault Walk(ushort head, Span<BufferSegment> segments, out int count)
    {
        count = 0;
        ulong table = _state.Desc;
        uint entries = _state.Num;
        uint index = head;
        bool indirect = false;
        Span<byte> descriptor = stackalloc byte[DescriptorSize];
        // One step more than the longest chain: the descriptor that names an indirect table holds no buffer.
        for (int steps = 0; steps <= MaxSize; steps++)
        {
            if (index >= entries)
                return VirtioFault.DescriptorIndex;
            _memory.Read(table + (index * (ulong)DescriptorSize), descriptor);
            ulong address = BinaryPrimitives.ReadUInt64LittleEndian(descriptor);
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[8..]);
            ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[12..]);
            if ((flags & DescriptorIndirect) != 0)
            {
                if (indirect || !IsIndirectTable(address, length, flags))
                    return VirtioFault.IndirectTable;
                (table, entries, index, indirect) = (address, length / DescriptorSize, 0, true);
                continue;
            }

            VirtioFault fault = Append(segments, ref count, new BufferSegment(address, length, (flags & DescriptorWrite) != 0));
            if (fault != VirtioFault.None)
                return fault;
            if ((flags & DescriptorNext) == 0)
                return VirtioFault.None;
            index = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[14..]);
        }

        return VirtioFault.ChainLength;
    }

    /// <summary>Gives a chain back to the driver.</summary>
    /// <param name="head">As taken from the ring.</param>
    /// <param name="written">Bytes written to the writable buffers.</param>
    public void PutUsed(ushort head, uint written)
    {
        Span<byte> element = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(element, head);
        BinaryPrimitives.WriteUInt32LittleEndian(element[4..], written);
        _memory.Write(UsedRing + (8UL * (_state.UsedIndex % _state.Num)), element);
        _state.UsedIndex++;
        _memory.Write(_state.Device + 2, _state.UsedIndex);
    }

    /// <summary>Whether the driver wants an interrupt for what was put since the last call (virtio 1.2, 2.7.7 and 2.7.10).</summary>
    public bool TakeInterrupt()
    {
        var old = (ushort)_state.SignalledUsed;
        if (old == _state.UsedIndex)
            return false;
        _state.SignalledUsed = _state.UsedIndex;
        if (!EventIndex)
            return (_memory.Read<ushort>(_state.Driver) & AvailableNoInterrupt) == 0;
        ushort wanted = _memory.Read<ushort>(UsedEvent);
        return (ushort)(_state.UsedIndex - wanted - 1) < (ushort)(_state.UsedIndex - old);
    }

    private bool IsIndirectTable(ulong address, uint length, ushort flags) =>
        (_features & VirtioFeatures.IndirectDescriptors) != 0 && (flags & DescriptorNext) == 0
        && length != 0 && length % DescriptorSize == 0 && IsRam(_memory, address, length);

    private VirtioFault Append(Span<BufferSegment> segments, ref int count, BufferSegment segment)
    {
        if (segment.Length == 0)
            return VirtioFault.None;
        if (!IsRam(_memory, segment.Address, segment.Length))
            return VirtioFault.BufferAddress;
        if (count > 0 && segments[count - 1].Writable && !segment.Writable)
            return VirtioFault.ChainOrder;
        if (count == segments.Length)
            return VirtioFault.ChainLength;
        segments[count++] = segment;
        return VirtioFault.None;
    }
}
