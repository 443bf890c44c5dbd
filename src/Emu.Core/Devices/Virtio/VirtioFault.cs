namespace Emu.Core.Devices.Virtio;

/// <summary>What a driver did that made its device ask for a reset. Kept as the last reason beside the count.</summary>
public enum VirtioFault
{
    /// <summary>Nothing so far.</summary>
    None,

    /// <summary>A queue was made ready with a size that is not a power of two up to the maximum.</summary>
    QueueSize,

    /// <summary>A queue area is misaligned or not wholly in RAM.</summary>
    QueueArea,

    /// <summary>The available index ran ahead by more than the queue holds.</summary>
    AvailableIndex,

    /// <summary>A head or next field lies outside its descriptor table.</summary>
    DescriptorIndex,

    /// <summary>A chain is longer than the queue, which is how a loop shows.</summary>
    ChainLength,

    /// <summary>A device-readable descriptor follows a device-writable one.</summary>
    ChainOrder,

    /// <summary>An indirect table that was not negotiated, is nested, has a successor, or is not a table.</summary>
    IndirectTable,

    /// <summary>A buffer lies not wholly in RAM.</summary>
    BufferAddress,

    /// <summary>A request is not shaped as its device demands.</summary>
    Request,
}
