namespace Emu.Core.Snapshots;

/// <summary>What the one who saves knows and the machine does not.</summary>
public sealed record SnapshotInfo
{
    /// <summary>Commit of this program.</summary>
    public string Commit { get; init; } = "";

    /// <summary>Build id of the guest's kernel, or empty.</summary>
    public string KernelBuildId { get; init; } = "";

    /// <summary>Hash of what was loaded at power-on, or empty.</summary>
    public string Images { get; init; } = "";

    /// <summary>State hash of the snapshot this run was started from, or null for power-on.</summary>
    public string? Parent { get; init; }

    /// <summary>Why it is taken, for a person.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Disk image files by device, for example <c>vda</c>.</summary>
    public IReadOnlyDictionary<string, string> DiskPaths { get; init; } = new Dictionary<string, string>();

    /// <summary>Folder of the page packs relative to the snapshot's own; snapshots of one boot share it.</summary>
    public string Store { get; init; } = "pages";
}
