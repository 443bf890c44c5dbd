using Emu.X86.State;

namespace Emu.X86.Segmentation;

/// <summary>Eight bytes of a descriptor table: a segment (SDM 3A 3.4.5), a system segment (3.5) or a gate (5.8.3, 6.11).</summary>
/// <param name="Raw">The bytes, little endian. The upper half of a 16-byte descriptor is kept elsewhere.</param>
public readonly record struct Descriptor(ulong Raw)
{
    /// <summary>Bits 40-55 without the limit's.</summary>
    public SegmentAttributes Attributes => (SegmentAttributes)((Raw >> 40) & 0xF0FF);

    /// <summary>The four type bits.</summary>
    public int Type => (int)(Raw >> 40) & 0xF;

    /// <summary>S: code or data.</summary>
    public bool IsCodeOrData => (Raw & (1UL << 44)) != 0;

    /// <summary>A code segment.</summary>
    public bool IsCode => (Raw & (3UL << 43)) == 3UL << 43;

    /// <summary>A conforming code segment.</summary>
    public bool IsConforming => (Raw & (7UL << 42)) == 7UL << 42;

    /// <summary>A data segment that can be written.</summary>
    public bool IsWritableData => (Raw & (0b11010UL << 40)) == 0b10010UL << 40;

    /// <summary>A data segment or readable code.</summary>
    public bool IsReadable => IsCodeOrData && (!IsCode || (Raw & (1UL << 41)) != 0);

    /// <summary>Descriptor privilege level.</summary>
    public int Dpl => (int)(Raw >> 45) & 3;

    /// <summary>P.</summary>
    public bool IsPresent => (Raw & (1UL << 47)) != 0;

    /// <summary>L without D: 64-bit code.</summary>
    public bool IsLong => (Raw & (3UL << 53)) == 1UL << 53;

    /// <summary>L with D: reserved.</summary>
    public bool IsLongAndBig => (Raw & (3UL << 53)) == 3UL << 53;

    /// <summary>Base, 32 bits.</summary>
    public uint Base => (uint)((Raw >> 16) & 0xFF_FFFF) | (uint)((Raw >> 32) & 0xFF00_0000);

    /// <summary>Last valid offset in bytes.</summary>
    public uint Limit
    {
        get
        {
            uint limit = (uint)(Raw & 0xFFFF) | (uint)((Raw >> 32) & 0xF_0000);
            return (Raw & (1UL << 55)) != 0 ? (limit << 12) | 0xFFF : limit;
        }
    }

    /// <summary>Of a gate: the selector it leads to.</summary>
    public ushort GateSelector => (ushort)(Raw >> 16);

    /// <summary>Of a gate: the low 32 bits of the offset.</summary>
    public uint GateOffset => (uint)(Raw & 0xFFFF) | (uint)((Raw >> 32) & 0xFFFF_0000);

    /// <summary>The segment register that holds this descriptor.</summary>
    public SegmentRegister ToRegister(ushort selector) => new() { Base = Base, Limit = Limit, Selector = selector, Attributes = Attributes };

    /// <summary>A null segment register; its DPL is the privilege it was loaded at.</summary>
    public static SegmentRegister Null(ushort selector) => new()
    {
        Selector = selector,
        Attributes = SegmentAttributes.Unusable | (SegmentAttributes)((selector & 3) << 5),
    };

    /// <summary>A segment as real and virtual-8086 mode form it (SDM 3B 20.1.1).</summary>
    public static SegmentRegister Virtual(ushort selector) => new()
    {
        Base = (ulong)selector << 4,
        Limit = 0xFFFF,
        Selector = selector,
        Attributes = SegmentAttributes.Present | SegmentAttributes.CodeOrData | SegmentAttributes.WritableOrReadable | SegmentAttributes.Accessed | SegmentAttributes.DplMask,
    };
}
