namespace Emu.Core.Snapshots;

/// <summary>Which pages a set has, and the addresses of their contents.</summary>
/// <param name="Name"><c>ram</c>, or the part and the name of the set: <c>vda.overlay</c>.</param>
/// <param name="Numbers">Ascending; pages that are not listed are zero in RAM, absent elsewhere.</param>
/// <param name="Addresses">XxHash128 of the contents, beside the numbers.</param>
public sealed record PageTable(string Name, ulong[] Numbers, UInt128[] Addresses);
