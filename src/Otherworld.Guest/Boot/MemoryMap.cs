using Emu.Core.Memory;

namespace Otherworld.Guest.Boot;

/// <summary>The memory map of our PC: RAM with the hole every PC has below 1 MiB, and the hole for devices below 4 GiB.</summary>
public static class MemoryMap
{
    /// <summary>Where usable RAM below 1 MiB ends: an extended BIOS data area of 1 KiB follows.</summary>
    public const ulong LowEnd = 0x9FC00;

    /// <summary>Start of the range that a PC's firmware occupies; ACPI tables lie here.</summary>
    public const ulong FirmwareStart = 0xE0000;

    /// <summary>Where RAM continues above the firmware.</summary>
    public const ulong HighStart = 0x100000;

    /// <summary>The rows for a machine with this RAM, in ascending order.</summary>
    public static IReadOnlyList<MemoryMapEntry> Of(GuestMemory memory)
    {
        List<MemoryMapEntry> rows =
        [
            new(0, LowEnd, MemoryMapType.Usable),
            new(LowEnd, 0xA0000 - LowEnd, MemoryMapType.Reserved),
            new(FirmwareStart, HighStart - FirmwareStart, MemoryMapType.Reserved),
            new(HighStart, memory.LowSize - HighStart, MemoryMapType.Usable),
        ];
        if (memory.Size > GuestMemory.HoleStart)
            rows.Add(new MemoryMapEntry(GuestMemory.HoleEnd, memory.Size - GuestMemory.HoleStart, MemoryMapType.Usable));
        return rows;
    }
}
