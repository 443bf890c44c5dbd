namespace Emu.Core.Snapshots;

/// <summary>One difference between two snapshots.</summary>
/// <param name="Name">A field, for example <c>pit.Channel0.Count</c>, or a range of pages: <c>ram 0x00100000-0x00103fff</c>.</param>
/// <param name="Before">In the first snapshot.</param>
/// <param name="After">In the second.</param>
public sealed record SnapshotDifference(string Name, string Before, string After)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Before} -> {After}";
}
