namespace Emu.X86.Semantics.Float;

/// <summary>Constants of the x87, numbered as their opcodes D9 E8+n.</summary>
public enum X87Constant : byte
{
    One,
    Log2Of10,
    Log2OfE,
    Pi,
    Log10Of2,
    LnOf2,
    Zero,
}
