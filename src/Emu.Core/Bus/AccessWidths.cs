namespace Emu.Core.Bus;

/// <summary>The widths a device's registers answer to. Each value is its size in bytes, so a size converts by a cast.</summary>
[Flags]
public enum AccessWidths : byte
{
    /// <summary>No access.</summary>
    None = 0,

    /// <summary>8 bits.</summary>
    Byte = 1,

    /// <summary>16 bits.</summary>
    Word = 2,

    /// <summary>32 bits.</summary>
    Dword = 4,

    /// <summary>64 bits.</summary>
    Qword = 8,

    /// <summary>Every width: the device sorts them out itself.</summary>
    Any = Byte | Word | Dword | Qword,
}
