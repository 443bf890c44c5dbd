using System.Collections.Immutable;

namespace Emu.Core.Devices.Virtio;

/// <summary>The register table of the MMIO transport, version 2 (virtio 1.2, 4.2.2).</summary>
internal static class VirtioRegisters
{
    /// <summary>Where device-specific configuration begins.</summary>
    public const int Config = 0x100;

    private const uint Magic = 0x74726976; // "virt", little endian
    private const uint Version = 2;
    private const uint VendorId = 0x574F544F; // "OTOW": any value will do (virtio 1.2, 4.2.2)

    /// <summary>All registers.</summary>
    public static readonly ImmutableArray<VirtioRegister> All =
    [
        new(0x000, "MagicValue", _ => Magic, null),
        new(0x004, "Version", _ => Version, null),
        new(0x008, "DeviceID", t => t.DeviceId, null),
        new(0x00C, "VendorID", _ => VendorId, null),
        new(0x010, "DeviceFeatures", t => Half(t.OfferedFeatures, t.Registers.DeviceFeaturesSel), null),
        new(0x014, "DeviceFeaturesSel", null, (t, value) => t.Registers.DeviceFeaturesSel = value),
        new(0x020, "DriverFeatures", null, WriteDriverFeatures),
        new(0x024, "DriverFeaturesSel", null, (t, value) => t.Registers.DriverFeaturesSel = value),
        new(0x030, "QueueSel", null, (t, value) => t.Registers.QueueSel = value),
        new(0x034, "QueueNumMax", t => t.HasQueue(t.Registers.QueueSel) ? VirtQueue.MaxSize : 0u, null),
        new(0x038, "QueueNum", null, (t, value) => Configure(t, (ref QueueState q) => q.Num = value)),
        new(0x044, "QueueReady", t => t.HasQueue(t.Registers.QueueSel) ? Selected(t).Ready : 0, (t, value) => t.WriteQueueReady(value)),
        new(0x050, "QueueNotify", null, (t, value) => t.Notify(value)),
        new(0x060, "InterruptStatus", t => t.Registers.InterruptStatus, null),
        new(0x064, "InterruptACK", null, (t, value) => t.Acknowledge(value)),
        new(0x070, "Status", t => (uint)t.Registers.Status, (t, value) => t.WriteStatus((VirtioStatus)(value & 0xFF))),
        new(0x080, "QueueDescLow", null, (t, value) => Configure(t, (ref QueueState q) => SetLow(ref q.Desc, value))),
        new(0x084, "QueueDescHigh", null, (t, value) => Configure(t, (ref QueueState q) => SetHigh(ref q.Desc, value))),
        new(0x090, "QueueDriverLow", null, (t, value) => Configure(t, (ref QueueState q) => SetLow(ref q.Driver, value))),
        new(0x094, "QueueDriverHigh", null, (t, value) => Configure(t, (ref QueueState q) => SetHigh(ref q.Driver, value))),
        new(0x0A0, "QueueDeviceLow", null, (t, value) => Configure(t, (ref QueueState q) => SetLow(ref q.Device, value))),
        new(0x0A4, "QueueDeviceHigh", null, (t, value) => Configure(t, (ref QueueState q) => SetHigh(ref q.Device, value))),
        // No device of ours has shared memory: a length of all ones says so (virtio 1.2, 4.2.2).
        new(0x0AC, "SHMSel", null, (_, _) => { }),
        new(0x0B0, "SHMLenLow", _ => uint.MaxValue, null),
        new(0x0B4, "SHMLenHigh", _ => uint.MaxValue, null),
        new(0x0B8, "SHMBaseLow", _ => uint.MaxValue, null),
        new(0x0BC, "SHMBaseHigh", _ => uint.MaxValue, null),
        new(0x0FC, "ConfigGeneration", t => t.Registers.ConfigGeneration, null),
    ];

    private static readonly ImmutableArray<VirtioRegister?> ByWord = IndexByWord();

    private delegate void QueueChange(ref QueueState queue);

    /// <summary>The register at an offset below <see cref="Config"/>, or null.</summary>
    public static VirtioRegister? At(int offset) => offset % 4 == 0 ? ByWord[offset / 4] : null;

    /// <summary>The queue that QueueSel names; the caller has seen that it exists.</summary>
    public static ref QueueState Selected(IVirtioTransport transport) => ref transport.Registers.Queues[(int)transport.Registers.QueueSel];

    private static ImmutableArray<VirtioRegister?> IndexByWord()
    {
        var byWord = new VirtioRegister?[Config / 4];
        foreach (VirtioRegister register in All)
            byWord[register.Offset / 4] = register;
        return [.. byWord];
    }

    private static uint Half(ulong features, uint select) => select switch
    {
        0 => (uint)features,
        1 => (uint)(features >> 32),
        _ => 0,
    };

    private static void WriteDriverFeatures(IVirtioTransport transport, uint value)
    {
        ref TransportState registers = ref transport.Registers;
        if ((registers.Status & VirtioStatus.FeaturesOk) != VirtioStatus.None)
            return; // virtio 1.2, 3.1.1: the driver must not change its mind after FEATURES_OK
        if (registers.DriverFeaturesSel == 0)
            SetLow(ref registers.DriverFeatures, value);
        else if (registers.DriverFeaturesSel == 1)
            SetHigh(ref registers.DriverFeatures, value);
    }

    /// <summary>Changes the selected queue, unless it is in use (virtio 1.2, 4.2.2.2).</summary>
    private static void Configure(IVirtioTransport transport, QueueChange change)
    {
        if (!transport.HasQueue(transport.Registers.QueueSel))
            return;
        ref QueueState queue = ref Selected(transport);
        if (queue.Ready == 0)
            change(ref queue);
    }

    private static void SetLow(ref ulong target, uint value) => target = (target & 0xFFFFFFFF_00000000) | value;

    private static void SetHigh(ref ulong target, uint value) => target = (target & 0xFFFFFFFF) | ((ulong)value << 32);
}
