using Emu.Core;
using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Boot;

/// <summary>The header of a multiboot 1 image (Multiboot Specification 0.6.96, 3.1), in its first 8 KiB.</summary>
/// <param name="Offset">Where it lies in the file.</param>
/// <param name="Flags">What the image asks for.</param>
internal readonly record struct MultibootHeader(ulong Offset, uint Flags)
{
    private const uint Magic = 0x1BADB002;
    private const ulong SearchedBytes = 8192;

    // Bits 0-15 are demands: pages for modules (0), memory information (1) and a video mode (2, which a loader may leave out).
    private const uint UnknownDemands = 0xFFF8;

    /// <summary>Bit 16: the image says in its header where it goes, and need not be ELF.</summary>
    public bool HasAddresses => (Flags & 0x10000) != 0;

    /// <summary>Finds the header.</summary>
    /// <exception cref="OtherworldException">There is one, but it demands what we do not know.</exception>
    public static bool TryFind(FileBytes file, out MultibootHeader header)
    {
        for (ulong offset = 0; offset + 12 <= Math.Min(file.Length, SearchedBytes); offset += 4)
        {
            if (file.U32(offset) != Magic)
                continue;
            uint flags = file.U32(offset + 4);
            if (unchecked(Magic + flags + file.U32(offset + 8)) != 0)
                continue;
            if ((flags & UnknownDemands) != 0)
                throw new OtherworldException($"'{file.Name}' demands multiboot features {flags & UnknownDemands:x}h that do not exist in version 0.6.96.");
            header = new MultibootHeader(offset, flags);
            return true;
        }

        header = default;
        return false;
    }
}
