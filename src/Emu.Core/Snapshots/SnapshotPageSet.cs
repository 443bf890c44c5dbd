namespace Emu.Core.Snapshots;

/// <summary>A set of 4 KiB pages.</summary>
/// <param name="Name"><c>ram</c>, or part and name: <c>vda.overlay</c>.</param>
/// <param name="Limit">Page numbers are below this; for RAM the number of frames.</param>
/// <param name="Count">Pages it has; those of RAM that are zero are left out.</param>
/// <param name="Leaves">Leaves that list them, 512 page numbers each.</param>
public sealed record SnapshotPageSet(string Name, ulong Limit, int Count, int Leaves);
