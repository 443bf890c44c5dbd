using Emu.Core;
using Emu.Core.Snapshots;

namespace Otherworld.Guest.Symbols;

/// <summary>Finds the symbols of the kernel that a snapshot holds: an image of ours has its disk and its System.map in one folder.</summary>
public static class KernelSymbols
{
    private const string SystemMap = "System.map";

    /// <summary>The System.map beside a disk image of the machine.</summary>
    /// <param name="manifest">Of the snapshot.</param>
    /// <exception cref="OtherworldException">There is none.</exception>
    public static string PathBesideDisk(SnapshotManifest manifest) =>
        manifest.Disks.Select(disk => Path.Combine(Path.GetDirectoryName(disk.Path) ?? "", SystemMap)).FirstOrDefault(File.Exists)
        ?? throw new OtherworldException("no System.map lies beside the disk image of this machine. Give it, or the unstripped vmlinux, with --symbols FILE.", 3);
}
