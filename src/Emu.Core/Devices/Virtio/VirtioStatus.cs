namespace Emu.Core.Devices.Virtio;

/// <summary>Device status field (virtio 1.2, 2.1).</summary>
[Flags]
public enum VirtioStatus
{
    /// <summary>Reset.</summary>
    None = 0,

    /// <summary>The guest has noticed the device.</summary>
    Acknowledge = 1,

    /// <summary>The guest knows how to drive it.</summary>
    Driver = 2,

    /// <summary>The driver is set up; the device may use its queues.</summary>
    DriverOk = 4,

    /// <summary>The device accepted the driver's features.</summary>
    FeaturesOk = 8,

    /// <summary>The device met something it cannot recover from without a reset.</summary>
    DeviceNeedsReset = 64,

    /// <summary>The driver gave up.</summary>
    Failed = 128,
}
