namespace Emu.Core.Devices.Virtio;

/// <summary>What the register table needs of a device, whatever its own state is.</summary>
internal interface IVirtioTransport
{
    /// <summary>The registers.</summary>
    ref TransportState Registers { get; }

    /// <summary>Device type (virtio 1.2, 5).</summary>
    uint DeviceId { get; }

    /// <summary>Everything the device offers.</summary>
    ulong OfferedFeatures { get; }

    /// <summary>The device has this queue.</summary>
    bool HasQueue(uint queue);

    /// <summary>Write to Status.</summary>
    void WriteStatus(VirtioStatus status);

    /// <summary>Write to QueueReady of the selected queue.</summary>
    void WriteQueueReady(uint ready);

    /// <summary>Write to QueueNotify.</summary>
    void Notify(uint queue);

    /// <summary>Write to InterruptACK.</summary>
    void Acknowledge(uint bits);
}
