namespace Otherworld.Guest.Boot;

/// <summary>A row of the memory map a kernel is given.</summary>
/// <param name="Start">First byte, physical.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Type">What it is.</param>
public readonly record struct MemoryMapEntry(ulong Start, ulong Size, MemoryMapType Type)
{
    /// <summary>The byte behind it.</summary>
    public ulong End => Start + Size;
}
