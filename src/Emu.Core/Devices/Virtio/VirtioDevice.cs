using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Emu.Core.Bus;
using Emu.Core.Irq;
using Emu.Core.Machine;
using Emu.Core.Memory;
using Emu.Core.State;

namespace Emu.Core.Devices.Virtio;

/// <summary>
/// A virtio 1.2 device behind the MMIO transport, modern interface only: registers, feature negotiation, queues, interrupts. A device type adds
/// its configuration space and what it does with the chains it is given.
/// </summary>
/// <typeparam name="TFunction">The device type's own state.</typeparam>
public abstract class VirtioDevice<TFunction> : Device<VirtioState<TFunction>>, IVirtioTransport, IMmioHandler
    where TFunction : unmanaged
{
    private const uint UsedBufferInterrupt = 1;
    private const uint ConfigInterrupt = 2;

    private readonly IIrqLine _irq;

    private protected VirtioDevice(string id, GuestMemory memory, IIrqLine irq)
        : base(id)
    {
        Memory = memory;
        _irq = irq;
    }

    /// <summary>What went wrong between driver and device so far: how often, and the last reason.</summary>
    public (uint Count, VirtioFault Last) Faults => (S.Transport.FaultCount, S.Transport.LastFault);

    /// <summary>Accesses that hit no register.</summary>
    public ulong OddAccesses => S.Transport.OddAccesses;

    /// <inheritdoc/>
    ref TransportState IVirtioTransport.Registers => ref S.Transport;

    /// <inheritdoc/>
    uint IVirtioTransport.DeviceId => DeviceId;

    /// <inheritdoc/>
    ulong IVirtioTransport.OfferedFeatures => VirtioFeatures.Common | FunctionFeatures;

    /// <summary>Guest memory.</summary>
    private protected GuestMemory Memory { get; }

    /// <summary>Device type (virtio 1.2, 5).</summary>
    private protected abstract uint DeviceId { get; }

    /// <summary>Features of the device type.</summary>
    private protected abstract ulong FunctionFeatures { get; }

    /// <summary>How many queues there are, at most <see cref="QueueStates.Capacity"/>.</summary>
    private protected abstract int QueueCount { get; }

    /// <summary>The driver has set the device up and it may work.</summary>
    private protected bool IsLive => (S.Transport.Status & (VirtioStatus.DriverOk | VirtioStatus.DeviceNeedsReset)) == VirtioStatus.DriverOk;

    /// <inheritdoc/>
    public ulong ReadMmio(ulong offset, int size)
    {
        if (offset >= VirtioRegisters.Config)
            return ReadConfig((int)offset - VirtioRegisters.Config, size);
        if (size == 4 && VirtioRegisters.At((int)offset)?.Read is { } read)
            return read(this);
        S.Transport.OddAccesses++;
        return 0;
    }

    /// <inheritdoc/>
    public void WriteMmio(ulong offset, int size, ulong value)
    {
        if (offset < VirtioRegisters.Config && size == 4 && VirtioRegisters.At((int)offset)?.Write is { } write)
            write(this, (uint)value);
        else
            S.Transport.OddAccesses++; // no field of our configuration spaces is writable by what we offer
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        StopTransfers();
        _irq.Set(false);
        S = default;
        ResetFunction();
    }

    /// <inheritdoc/>
    bool IVirtioTransport.HasQueue(uint queue) => queue < (uint)QueueCount;

    /// <inheritdoc/>
    void IVirtioTransport.WriteStatus(VirtioStatus status)
    {
        ref VirtioStatus current = ref S.Transport.Status;
        if (status == VirtioStatus.None)
        {
            ResetByDriver();
            return;
        }

        if ((status & VirtioStatus.FeaturesOk) != VirtioStatus.None && (current & VirtioStatus.FeaturesOk) == VirtioStatus.None && !AcceptsFeatures())
            status &= ~VirtioStatus.FeaturesOk;
        bool starts = (status & VirtioStatus.DriverOk) != VirtioStatus.None && (current & VirtioStatus.DriverOk) == VirtioStatus.None;
        // virtio 1.2, 2.1.1: the driver must not clear bits, other than by a reset.
        current |= status & ~VirtioStatus.DeviceNeedsReset;
        for (int queue = 0; starts && queue < QueueCount; queue++)
            ServeQueue(queue); // what was made available before DRIVER_OK
    }

    /// <inheritdoc/>
    void IVirtioTransport.WriteQueueReady(uint ready)
    {
        if (!((IVirtioTransport)this).HasQueue(S.Transport.QueueSel))
            return;
        ref QueueState queue = ref VirtioRegisters.Selected(this);
        if ((ready & 1) == 0)
        {
            queue.Ready = 0;
            return;
        }

        VirtioFault fault = Queue(ref queue).CheckAreas();
        if (fault == VirtioFault.None)
            queue.Ready = 1;
        else
            Fail(fault);
    }

    /// <inheritdoc/>
    void IVirtioTransport.Notify(uint queue)
    {
        if (queue < (uint)QueueCount)
            ServeQueue((int)queue);
    }

    /// <inheritdoc/>
    void IVirtioTransport.Acknowledge(uint bits)
    {
        S.Transport.InterruptStatus &= ~bits;
        // An edge-triggered controller would never see a cause that came while the line was high: show it a new edge.
        _irq.Set(false);
        if (S.Transport.InterruptStatus != 0)
            _irq.Set(true);
    }

    /// <summary>The device type's power-on state; called by <see cref="Reset"/> after everything was cleared.</summary>
    private protected abstract void ResetFunction();

    /// <summary>Forgets all requests in flight: from now on nothing is read from or written to guest memory.</summary>
    private protected abstract void StopTransfers();

    /// <summary>Writes the configuration space, as far as it exists, to <paramref name="config"/>, which is zeroed.</summary>
    private protected abstract void FillConfig(Span<byte> config);

    /// <summary>Takes a chain from a queue. The device owns it until it calls <see cref="Complete"/>.</summary>
    /// <returns>False to leave this and all later chains for now.</returns>
    private protected abstract VirtioFault Accept(int queue, ushort head);

    /// <summary>Whether the device can take one more chain from this queue now.</summary>
    private protected abstract bool CanAccept(int queue);

    /// <summary>Takes what the driver has made available.</summary>
    private protected void ServeQueue(int index)
    {
        ref QueueState state = ref S.Transport.Queues[index];
        if (!IsLive || state.Ready == 0)
            return;
        VirtQueue queue = Queue(ref state);
        VirtioFault fault = queue.CountAvailable(out int count);
        // Counted once: a device that writes into the ring itself must not feed this loop.
        for (; fault == VirtioFault.None && count > 0 && CanAccept(index); count--)
            fault = Accept(index, queue.TakeHead());
        if (fault == VirtioFault.None)
            queue.RequestNotification();
        else
            Fail(fault);
        SignalUsed(index);
    }

    /// <summary>Takes the next chain from a queue whose device decides itself when it needs one.</summary>
    /// <returns>False when the device does not live or the driver has made none available.</returns>
    private protected bool TryTake(int index, out ushort head)
    {
        head = 0;
        ref QueueState state = ref S.Transport.Queues[index];
        if (!IsLive || state.Ready == 0)
            return false;
        VirtQueue queue = Queue(ref state);
        VirtioFault fault = queue.CountAvailable(out int count);
        if (fault != VirtioFault.None)
            Fail(fault);
        if (fault != VirtioFault.None || count == 0)
            return false;
        head = queue.TakeHead();
        return true;
    }

    /// <summary>Leaves the last so many chains that were taken in their ring after all.</summary>
    private protected void PutBack(int index, int count) => S.Transport.Queues[index].LastAvailable -= (ushort)count;

    /// <summary>Driver and device agreed on a feature.</summary>
    private protected bool HasNegotiated(ulong feature) => (S.Transport.DriverFeatures & feature) != 0;

    /// <summary>The buffers of a chain.</summary>
    private protected VirtioFault Walk(int queue, ushort head, Span<BufferSegment> segments, out int count) =>
        Queue(ref S.Transport.Queues[queue]).Walk(head, segments, out count);

    /// <summary>Gives a chain back. <see cref="SignalUsed"/> must follow, once for many.</summary>
    private protected void Complete(int queue, ushort head, uint written) => Queue(ref S.Transport.Queues[queue]).PutUsed(head, written);

    /// <summary>Raises the interrupt if the driver wants to know what was given back.</summary>
    private protected void SignalUsed(int queue)
    {
        ref QueueState state = ref S.Transport.Queues[queue];
        if (state.Ready != 0 && Queue(ref state).TakeInterrupt())
            Raise(UsedBufferInterrupt);
    }

    /// <summary>Stops until the driver resets the device, and tells it (virtio 1.2, 2.1.2).</summary>
    private protected void Fail(VirtioFault fault)
    {
        ref TransportState transport = ref S.Transport;
        transport.FaultCount++;
        transport.LastFault = fault;
        StopTransfers();
        transport.Status |= VirtioStatus.DeviceNeedsReset;
        if ((transport.Status & VirtioStatus.DriverOk) != VirtioStatus.None)
            Raise(ConfigInterrupt);
    }

    /// <summary>The configuration space has changed.</summary>
    private protected void AnnounceConfigChange()
    {
        S.Transport.ConfigGeneration++;
        if ((S.Transport.Status & VirtioStatus.DriverOk) != VirtioStatus.None)
            Raise(ConfigInterrupt);
    }

    private VirtQueue Queue(ref QueueState state) => new(Memory, ref state, S.Transport.DriverFeatures);

    private void Raise(uint cause)
    {
        S.Transport.InterruptStatus |= cause;
        _irq.Set(true);
    }

    private bool AcceptsFeatures()
    {
        ulong wanted = S.Transport.DriverFeatures;
        ulong offered = VirtioFeatures.Common | FunctionFeatures;
        return (wanted & ~offered) == 0 && (wanted & VirtioFeatures.Version1) != 0;
    }

    /// <summary>Status = 0: everything but the record of what went wrong returns to its initial state, and every transfer stops.</summary>
    private void ResetByDriver()
    {
        StopTransfers();
        S.Transport = new TransportState
        {
            FaultCount = S.Transport.FaultCount,
            LastFault = S.Transport.LastFault,
            OddAccesses = S.Transport.OddAccesses,
        };
        _irq.Set(false);
    }

    [SkipLocalsInit]
    private uint ReadConfig(int offset, int size)
    {
        Span<byte> config = stackalloc byte[(int)VirtioSlot.Length - VirtioRegisters.Config + 4];
        config.Clear();
        FillConfig(config);
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(config[offset..]);
        return size switch
        {
            1 => (byte)value,
            2 => (ushort)value,
            _ => value,
        };
    }
}
