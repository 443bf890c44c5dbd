namespace Otherworld.Guest.Boot;

/// <summary>What firmware says of a range of physical addresses (ACPI 6.5, 15, table 15.5).</summary>
public enum MemoryMapType
{
    /// <summary>RAM.</summary>
    Usable = 1,

    /// <summary>Not to be touched.</summary>
    Reserved = 2,
}
