using Emu.Core;
using Emu.Core.Snapshots;

namespace Otherworld.Guest.Symbols;

/// <summary>Finds the symbols of the kernel that a snapshot holds: an image of ours has its disk and its System.map in one folder.</summary>
public static class KernelSymbols
{
    private const string SystemMap = "System.map";
    private const string DebugFile = "vmlinux.debug";

    /// <summary>The System.map beside a disk image of the machine.</summary>
    /// <param name="manifest">Of the snapshot.</param>
    /// <exception cref="OtherworldException">There is none.</exception>
    public static string PathBesideDisk(SnapshotManifest manifest) =>
        TryPathBesideDisk(manifest)
        ?? throw new OtherworldException("no System.map lies beside the disk image of this machine. Give it, or the unstripped vmlinux, with --symbols FILE.", 3);

    /// <inheritdoc cref="PathBesideDisk"/>
    /// <returns>Null when there is none.</returns>
    public static string? TryPathBesideDisk(SnapshotManifest manifest) =>
        manifest.Disks.Select(disk => Path.Combine(Path.GetDirectoryName(disk.Path) ?? "", SystemMap)).FirstOrDefault(File.Exists);

    /// <summary>The unstripped kernel, with types and lines, beside its symbols.</summary>
    /// <param name="symbols">The file with the symbols.</param>
    /// <returns>Null when there is none.</returns>
    public static string? DebugKernelBeside(string symbols) =>
        Path.Combine(Path.GetDirectoryName(Path.GetFullPath(symbols))!, DebugFile) is { } path && File.Exists(path) ? path : null;
}
