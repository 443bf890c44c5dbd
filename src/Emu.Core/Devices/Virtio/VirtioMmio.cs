using Emu.Core.Bus;

namespace Emu.Core.Devices.Virtio;

/// <summary>How a virtio device is registered on the bus.</summary>
public static class VirtioMmio
{
    /// <summary>Bytes of address space one device takes.</summary>
    public const int WindowSize = 0x200;

    /// <summary>The configuration space answers to all of these; the registers only to 32 bits, other accesses are counted.</summary>
    public const AccessWidths Widths = AccessWidths.Byte | AccessWidths.Word | AccessWidths.Dword;
}
