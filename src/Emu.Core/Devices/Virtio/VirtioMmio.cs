using Emu.Core.Bus;

namespace Emu.Core.Devices.Virtio;

/// <summary>How a virtio device is registered on the bus.</summary>
public static class VirtioMmio
{
    /// <summary>The configuration space answers to all of these; the registers only to 32 bits, other accesses are counted.</summary>
    public const AccessWidths Widths = AccessWidths.Byte | AccessWidths.Word | AccessWidths.Dword;
}
