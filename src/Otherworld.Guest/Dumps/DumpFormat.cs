namespace Otherworld.Guest.Dumps;

/// <summary>What a dump file is.</summary>
public enum DumpFormat
{
    /// <summary>See <see cref="ElfCore"/>.</summary>
    Elf,

    /// <summary>RAM alone; a position in the file is a physical address.</summary>
    Raw,
}
