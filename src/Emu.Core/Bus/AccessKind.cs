namespace Emu.Core.Bus;

/// <summary>What kind of access went where no device is.</summary>
public enum AccessKind : byte
{
    /// <summary>IN.</summary>
    PortRead,

    /// <summary>OUT.</summary>
    PortWrite,

    /// <summary>A load from a physical address that is neither RAM nor a device.</summary>
    MmioRead,

    /// <summary>A store to such an address.</summary>
    MmioWrite,
}
