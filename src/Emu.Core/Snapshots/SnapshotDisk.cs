namespace Emu.Core.Snapshots;

/// <summary>A disk image under an overlay. It is not part of the snapshot and is found again by its content.</summary>
/// <param name="Id">The device, for example <c>vda</c>.</param>
/// <param name="Length">Bytes.</param>
/// <param name="ContentHash">XxHash128 of the image.</param>
/// <param name="ReadOnly">The guest cannot write.</param>
/// <param name="Path">Where it was; only a hint.</param>
public sealed record SnapshotDisk(string Id, ulong Length, string ContentHash, bool ReadOnly, string Path);
