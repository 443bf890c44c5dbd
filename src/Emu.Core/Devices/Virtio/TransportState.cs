namespace Emu.Core.Devices.Virtio;

/// <summary>Registers of the MMIO transport (virtio 1.2, 4.2.2), named as there.</summary>
public struct TransportState
{
    public ulong DriverFeatures;
    public uint DeviceFeaturesSel;
    public uint DriverFeaturesSel;
    public uint QueueSel;
    public uint InterruptStatus;
    public VirtioStatus Status;
    public uint ConfigGeneration;

    /// <summary>How often the driver broke a rule and the device asked for a reset; survives resets by the driver.</summary>
    public uint FaultCount;

    /// <summary>The last such rule; survives resets by the driver.</summary>
    public VirtioFault LastFault;

    /// <summary>Accesses to no register, or of the wrong width or direction; survives resets by the driver.</summary>
    public ulong OddAccesses;

    public QueueStates Queues;
}
