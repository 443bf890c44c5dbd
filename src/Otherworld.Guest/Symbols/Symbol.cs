namespace Otherworld.Guest.Symbols;

/// <summary>A named address of the guest's kernel or of a program.</summary>
/// <param name="Address">Virtual.</param>
/// <param name="Name">As the linker knows it.</param>
public readonly record struct Symbol(ulong Address, string Name);
