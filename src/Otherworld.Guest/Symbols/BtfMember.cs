namespace Otherworld.Guest.Symbols;

/// <summary>A member of a struct or union.</summary>
/// <param name="Name">Empty for an unnamed struct or union inside.</param>
/// <param name="Type">Number of its type.</param>
/// <param name="BitOffset">Where it begins.</param>
/// <param name="Bits">Length of a bit field; 0 for a member of its type's size.</param>
internal readonly record struct BtfMember(string Name, int Type, int BitOffset, int Bits);
