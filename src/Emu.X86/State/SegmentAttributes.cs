namespace Emu.X86.State;

/// <summary>Bits 40-55 of a segment descriptor as the hidden part of a segment register keeps them (SDM 3A 3.4.5).</summary>
[Flags]
public enum SegmentAttributes : ushort
{
    None = 0,
    Accessed = 1 << 0,

    /// <summary>Data: writable. Code: readable.</summary>
    WritableOrReadable = 1 << 1,

    /// <summary>Data: expand-down. Code: conforming.</summary>
    ExpandDownOrConforming = 1 << 2,
    Code = 1 << 3,

    /// <summary>All four type bits.</summary>
    TypeMask = 0xF,

    /// <summary>S: a code or data segment, not a system segment.</summary>
    CodeOrData = 1 << 4,
    DplMask = 3 << 5,
    Present = 1 << 7,

    /// <summary>Ours: a null selector is loaded; every use in legacy and compatibility mode faults.</summary>
    Unusable = 1 << 8,
    Available = 1 << 12,

    /// <summary>L: 64-bit code.</summary>
    Long = 1 << 13,

    /// <summary>D/B: 32-bit default size, 32-bit stack, or 4 GiB upper bound.</summary>
    Big = 1 << 14,
    Granularity = 1 << 15,
}
