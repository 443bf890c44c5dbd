using System.Text.Json;
using Emu.Core;
using Emu.Core.Machine;
using Emu.Core.Snapshots;
using Emu.X86;
using Otherworld.Guest.Elf;

namespace Otherworld.Guest.Boot;

/// <summary>Saving a guest and continuing one.</summary>
public sealed partial class GuestMachine
{
    private const uint GnuBuildId = 3; // NT_GNU_BUILD_ID

    /// <summary>Build id of the kernel that was loaded, as hexadecimal digits; empty when it is no ELF or has none.</summary>
    public string KernelBuildId { get; private set; } = "";

    /// <summary>State hash of the snapshot this run continues; null after power-on.</summary>
    public string? Parent { get; private set; }

    /// <summary>The settings that lead to this machine.</summary>
    public MachineSettings Settings => MachineSettings.Of(Machine.Description, _diskPaths) with { Engine = Processor.Engine };

    /// <summary>Continues a snapshot in a new machine.</summary>
    /// <param name="path">The file.</param>
    /// <param name="disks">Where the disk images are now, in the order of their slots; if empty, where they were.</param>
    /// <param name="outputs">Where the machine talks to.</param>
    /// <param name="engine">What runs it; null for the fastest this host can run.</param>
    /// <exception cref="OtherworldException">The snapshot is missing, damaged or foreign, or a disk image is missing or another one.</exception>
    public static GuestMachine FromSnapshot(string path, IEnumerable<DiskChoice> disks, MachineOutputs outputs, EngineKind? engine = null)
    {
        (SnapshotManifest manifest, MemorySnapshot snapshot) = SnapshotFile.Read(path);
        return FromSnapshot(manifest, snapshot, disks, outputs, engine);
    }

    /// <summary>Continues a snapshot that was read before: many machines may start from one.</summary>
    /// <inheritdoc cref="FromSnapshot(string, IEnumerable{DiskChoice}, MachineOutputs, EngineKind?)"/>
    public static GuestMachine FromSnapshot(
        SnapshotManifest manifest,
        MemorySnapshot snapshot,
        IEnumerable<DiskChoice> disks,
        MachineOutputs outputs,
        EngineKind? engine = null)
    {
        string[] paths = [.. disks.Select(disk => disk.Path)];
        if (paths.Length == 0)
            paths = [.. manifest.Disks.Select(disk => disk.Path)];
        GuestMachine guest = Create(DescriptionOf(manifest), engine, paths, outputs);
        try
        {
            SnapshotFile.CheckDisks(manifest, guest.Machine);
            snapshot.Restore(guest.Machine);
        }
        catch
        {
            guest.Dispose();
            throw;
        }

        guest.ImageHash = manifest.Images;
        guest.KernelBuildId = manifest.KernelBuildId;
        guest.Parent = manifest.StateHash;
        return guest;
    }

    /// <summary>Saves the machine as it is; the run can go on.</summary>
    /// <param name="path">The file; its pages go to the folder <c>pages</c> beside it.</param>
    /// <param name="commit">Of this program.</param>
    /// <param name="reason">Why, for a person.</param>
    /// <exception cref="OtherworldException">The folder cannot be written to.</exception>
    public SnapshotManifest Save(string path, string commit, string reason) => SnapshotFile.Save(path, Machine, Describe(commit, reason));

    /// <summary>Saves the machine as it is, on another thread: the run may go on at once.</summary>
    /// <inheritdoc cref="Save"/>
    /// <returns>The state hash, and what ends when the file is written, or could not be.</returns>
    public (UInt128 StateHash, Task<SnapshotManifest> Saved) SaveBehind(string path, string commit, string reason)
    {
        SnapshotInfo info = Describe(commit, reason);
        IReadOnlyList<SnapshotDisk> disks = SnapshotFile.Disks(Machine, info);
        var snapshot = MemorySnapshot.Take(Machine);
        return (snapshot.Hash(), Task.Run(() => SnapshotFile.Save(path, snapshot, disks, info)));
    }

    /// <summary>Reads what <see cref="Save"/> wrote of a machine like this one, to restore it from that.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="OtherworldException">The snapshot is missing, damaged or foreign, or stands on other disk images.</exception>
    public MemorySnapshot Read(string path)
    {
        (SnapshotManifest manifest, MemorySnapshot snapshot) = SnapshotFile.Read(path);
        SnapshotFile.CheckDisks(manifest, Machine);
        return snapshot;
    }

    private SnapshotInfo Describe(string commit, string reason)
    {
        string[] devices = [.. SnapshotFile.Disks(Machine, new SnapshotInfo()).Select(disk => disk.Id)];
        return new SnapshotInfo
        {
            Commit = commit,
            KernelBuildId = KernelBuildId,
            Images = ImageHash,
            Parent = Parent,
            Reason = reason,
            DiskPaths = devices.Zip(_diskPaths.Select(RealPath)).ToDictionary(pair => pair.First, pair => pair.Second),
        };
    }

    private static MachineDescription DescriptionOf(SnapshotManifest manifest)
    {
        try
        {
            MachineDescription? description = MachineDescription.Parse(manifest.MachineJson);
            if (description is not null && description.ToJson() == manifest.MachineJson)
                return description;
        }
        catch (JsonException)
        {
            // Said below.
        }

        throw new OtherworldException($"the snapshot is of a machine this program cannot build: {manifest.MachineJson}. Use the program that wrote it (commit {manifest.Commit}).");
    }

    /// <summary>Without symbolic links: <c>current</c> may name another image tomorrow.</summary>
    private static string RealPath(string path)
    {
        string full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) is not { } folder)
            return full;
        full = Path.Combine(RealPath(folder), Path.GetFileName(full));
        FileSystemInfo? target = Directory.Exists(full) ? Directory.ResolveLinkTarget(full, true) : File.ResolveLinkTarget(full, true);
        return target?.FullName ?? full;
    }

    private static string BuildIdOf(FileBytes kernel) =>
        ElfFile.IsElf(kernel) ? Convert.ToHexStringLower(new ElfFile(kernel).Notes().FirstOrDefault(note => note is { Owner: "GNU", Type: GnuBuildId }).Description ?? []) : "";
}
