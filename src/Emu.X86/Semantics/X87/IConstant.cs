namespace Emu.X86.Semantics.X87;

/// <summary>A number known at compile time, as a type argument of handlers.</summary>
internal interface IConstant
{
    static abstract int Value { get; }
}
