using Emu.Core;
using Emu.Core.Snapshots;

namespace Otherworld.Guest.Symbols;

/// <summary>Finds the symbols of the kernel that a snapshot holds.</summary>
public static class KernelSymbols
{
    private const string SystemMap = "System.map";

    /// <summary>The file that was given, or the System.map beside a disk image of the machine: an image of ours has both in one folder.</summary>
    /// <param name="given">System.map or unstripped vmlinux; null to look for it.</param>
    /// <param name="snapshot">The snapshot file.</param>
    /// <exception cref="OtherworldException">There is none.</exception>
    public static SymbolTable Load(string? given, string snapshot) => SymbolTable.Load(
        given
        ?? SnapshotFile.Inspect(snapshot).Disks.Select(disk => Path.Combine(Path.GetDirectoryName(disk.Path) ?? "", SystemMap)).FirstOrDefault(File.Exists)
        ?? throw new OtherworldException("no System.map lies beside the disk image of this machine. Give it, or the unstripped vmlinux, with --symbols FILE.", 3));
}
