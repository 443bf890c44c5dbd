namespace Emu.Core.Devices.Lapic;

/// <summary>Bits 10:8 of LVT entries, ICR and redirection entries (SDM 3A 11.5.1).</summary>
public enum DeliveryMode : byte
{
    /// <summary>The vector.</summary>
    Fixed = 0,

    /// <summary>The vector, to the processor of lowest priority.</summary>
    LowestPriority = 1,

    /// <summary>System management interrupt; there is no SMM here.</summary>
    Smi = 2,

    /// <summary>Non-maskable interrupt.</summary>
    Nmi = 4,

    /// <summary>INIT.</summary>
    Init = 5,

    /// <summary>Start-up IPI.</summary>
    StartUp = 6,

    /// <summary>The vector comes from the 8259 pair.</summary>
    ExtInt = 7,
}
