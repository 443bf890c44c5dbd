namespace Emu.X86.Semantics.Float;

/// <summary>Result of a comparison.</summary>
public enum Relation : byte
{
    Equal,
    Less,
    Greater,
    Unordered,
}
