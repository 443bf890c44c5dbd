namespace Otherworld.Guest.Elf;

/// <summary>A section header (System V ABI, chapter 4).</summary>
/// <param name="Name">From the section name table.</param>
/// <param name="Type">SHT_ number.</param>
/// <param name="Address">Virtual address, 0 when not loaded.</param>
/// <param name="Offset">Where its bytes lie in the file.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Link">Index of a related section: of a symbol table, its strings.</param>
public readonly record struct ElfSection(string Name, uint Type, ulong Address, ulong Offset, ulong Size, uint Link);
