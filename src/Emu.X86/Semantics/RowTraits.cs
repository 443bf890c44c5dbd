namespace Emu.X86.Semantics;

/// <summary>What the decoder must know of a row.</summary>
[Flags]
public enum RowTraits
{
    None = 0,

    /// <summary>Nothing of the block may follow: branches, and whatever ends with <c>Leave.After</c> every time.</summary>
    EndsBlock = 1,

    /// <summary>The memory operand is an address only (LEA, NOP, prefetch): no segment base, no checks.</summary>
    AddressOnly = 2,

    /// <summary>String instruction: the handler forms its addresses from <c>Op.Segment</c> and <c>Op.AddressSize</c>.</summary>
    String = 4,
}
