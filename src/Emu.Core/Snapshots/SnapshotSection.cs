namespace Emu.Core.Snapshots;

/// <summary>The struct of one part.</summary>
/// <param name="Id">Of the part, for example <c>pit</c>.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Layout">Layout hash: address of the schema's text.</param>
public sealed record SnapshotSection(string Id, int Length, string Layout);
