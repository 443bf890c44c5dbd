namespace Otherworld.Guest.Symbols;

/// <summary>One type of a kernel.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Empty for one without.</param>
/// <param name="Reference">The type a pointer, typedef, qualifier or array is of.</param>
/// <param name="Size">Bytes, of types that have a size of their own; elements, of an array.</param>
/// <param name="IsSigned">An integer with a sign.</param>
/// <param name="Members">Of a struct or union.</param>
/// <param name="Values">Of an enumeration.</param>
internal sealed record BtfType(BtfKind Kind, string Name, int Reference, int Size, bool IsSigned, IReadOnlyList<BtfMember> Members, IReadOnlyList<(string Name, long Value)> Values);
