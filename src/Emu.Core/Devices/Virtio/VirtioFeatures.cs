namespace Emu.Core.Devices.Virtio;

/// <summary>Feature bits that do not depend on the device type (virtio 1.2, 6).</summary>
public static class VirtioFeatures
{
    /// <summary>VIRTIO_F_INDIRECT_DESC: a descriptor may point to a table of descriptors.</summary>
    public const ulong IndirectDescriptors = 1UL << 28;

    /// <summary>VIRTIO_F_EVENT_IDX: both sides say at which index they want to be notified.</summary>
    public const ulong EventIndex = 1UL << 29;

    /// <summary>VIRTIO_F_VERSION_1: this is no legacy device.</summary>
    public const ulong Version1 = 1UL << 32;

    /// <summary>What the transport and the queues offer for every device.</summary>
    public const ulong Common = IndirectDescriptors | EventIndex | Version1;
}
