namespace Otherworld.Guest.Elf;

/// <summary>A program header (System V ABI, chapter 5).</summary>
/// <param name="Type"><see cref="ElfFile.LoadType"/>, <see cref="ElfFile.NoteType"/> or another.</param>
/// <param name="Offset">Where its bytes lie in the file.</param>
/// <param name="VirtualAddress">Address the program is linked for.</param>
/// <param name="PhysicalAddress">Address a boot loader puts it at.</param>
/// <param name="FileSize">Bytes in the file.</param>
/// <param name="MemorySize">Bytes in memory; what exceeds <paramref name="FileSize"/> is zero.</param>
public readonly record struct ElfSegment(uint Type, ulong Offset, ulong VirtualAddress, ulong PhysicalAddress, ulong FileSize, ulong MemorySize);
