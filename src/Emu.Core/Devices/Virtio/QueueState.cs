namespace Emu.Core.Devices.Virtio;

/// <summary>One split virtqueue as its device knows it (virtio 1.2, 2.7 and 4.2.2). Areas are guest physical addresses.</summary>
public struct QueueState
{
    public ulong Desc;
    public ulong Driver;
    public ulong Device;
    public uint Num;
    public uint Ready;

    /// <summary>Next entry of the available ring to take, free running.</summary>
    public ushort LastAvailable;

    /// <summary>Next entry of the used ring to fill, free running.</summary>
    public ushort UsedIndex;

    /// <summary>Used index at the last decision about an interrupt, 16 bits.</summary>
    public uint SignalledUsed;
}
