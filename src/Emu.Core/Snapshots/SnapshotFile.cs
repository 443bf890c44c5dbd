using System.IO.Hashing;
using System.Text;
using Emu.Core.Devices.Virtio;

namespace Emu.Core.Snapshots;

/// <summary>
/// Snapshots as files: a line with magic, version, lengths and hash; a readable manifest; the state structs; the lists of pages. Pages themselves
/// lie in packs beside it, shared by all snapshots there. The format is described in docs/snapshot-format.md.
/// </summary>
public static class SnapshotFile
{
    /// <summary>Version of the format; as in docs/snapshot-format.md.</summary>
    public const int FormatVersion = 1;

    /// <summary>Saves a machine. What was at the path before stays until the new file is complete.</summary>
    /// <exception cref="OtherworldException">The folder cannot be written to.</exception>
    public static SnapshotManifest Save(string path, ISnapshotable machine, SnapshotInfo info) =>
        Save(path, MemorySnapshot.Take(machine), Disks(machine, info), info);

    /// <summary>Saves a snapshot taken before.</summary>
    /// <param name="path">The file.</param>
    /// <param name="snapshot">What to save.</param>
    /// <param name="disks">See <see cref="Disks"/>.</param>
    /// <param name="info">What the machine does not know.</param>
    public static SnapshotManifest Save(string path, MemorySnapshot snapshot, IReadOnlyList<SnapshotDisk> disks, SnapshotInfo info) =>
        new SnapshotWriter(path, snapshot, disks, info).Write();

    /// <summary>The disk images a machine stands on.</summary>
    public static IReadOnlyList<SnapshotDisk> Disks(ISnapshotable machine, SnapshotInfo info) =>
    [
        .. from block in machine.Parts.OfType<VirtioBlock>()
           let image = block.Disk.Image
           select new SnapshotDisk(block.Id, image.Length, image.ContentHash, block.Disk.IsReadOnly, info.DiskPaths.GetValueOrDefault(block.Id, "")),
    ];

    /// <summary>Reads a snapshot into a new machine.</summary>
    /// <param name="path">The file.</param>
    /// <param name="create">Builds a machine from <see cref="SnapshotManifest.MachineJson"/> and with <see cref="SnapshotManifest.Disks"/>.</param>
    /// <exception cref="OtherworldException">The file is missing, truncated, damaged or foreign, a disk image is another one, or the machine built does not fit.</exception>
    public static TMachine Load<TMachine>(string path, Func<SnapshotManifest, TMachine> create)
        where TMachine : ISnapshotable
    {
        var contents = SnapshotContents.Open(path);
        MemorySnapshot snapshot = contents.ReadAll();
        TMachine machine = create(contents.Manifest);
        CheckDisks(contents.Manifest, machine);
        snapshot.Restore(machine);
        return machine;
    }

    /// <summary>Reads a snapshot into memory, to restore machines from it.</summary>
    public static (SnapshotManifest Manifest, MemorySnapshot Snapshot) Read(string path)
    {
        var contents = SnapshotContents.Open(path);
        return (contents.Manifest, contents.ReadAll());
    }

    /// <summary>Reads what a snapshot says about itself; checks the file but not the packs.</summary>
    public static SnapshotManifest Inspect(string path)
    {
        (SnapshotManifest manifest, _) = ReadEnvelope(path);
        return manifest;
    }

    /// <summary>Checks every byte of the file and of the packs it names, and that the state has the hash the manifest says.</summary>
    /// <exception cref="OtherworldException">Something is wrong; the message says what.</exception>
    public static SnapshotManifest Verify(string path)
    {
        var contents = SnapshotContents.Open(path);
        contents.VerifyPacks();
        contents.ReadAll();
        return contents.Manifest;
    }

    /// <summary>The disk images under a machine are those the snapshot was taken on.</summary>
    /// <exception cref="OtherworldException">One is missing or another.</exception>
    public static void CheckDisks(SnapshotManifest manifest, ISnapshotable machine)
    {
        SnapshotDisk[] present = [.. Disks(machine, new SnapshotInfo())];
        foreach (SnapshotDisk wanted in manifest.Disks)
        {
            SnapshotDisk? found = Array.Find(present, disk => disk.Id == wanted.Id);
            string was = wanted.Path.Length == 0 ? "" : $" (it was '{wanted.Path}')";
            if (found is null)
                throw new OtherworldException($"the snapshot needs a disk image for {wanted.Id}{was}. Give it with --disk.");
            if (found.ContentHash != wanted.ContentHash || found.Length != wanted.Length || found.ReadOnly != wanted.ReadOnly)
                throw new OtherworldException($"the disk image for {wanted.Id} has content {found.ContentHash}, the snapshot needs {wanted.ContentHash}{was}. Give the unchanged image with --disk.");
        }
    }

    /// <summary>Writes the file itself.</summary>
    internal static void WriteEnvelope(string path, SnapshotManifest manifest, byte[] payload)
    {
        byte[] json = Encoding.UTF8.GetBytes(manifest.ToJson() + "\n");
        var hash = new XxHash128();
        hash.Append(json);
        hash.Append(payload);
        string line = $"otherworld-snapshot {FormatVersion} manifest={json.Length} payload={payload.Length} xxh128={HexHash.Format(hash.GetCurrentHashAsUInt128())}\n";
        AtomicFile.Write(path, stream =>
        {
            stream.Write(Encoding.ASCII.GetBytes(line));
            stream.Write(json);
            stream.Write(payload);
        });
    }

    /// <summary>Reads the file itself and checks it.</summary>
    internal static (SnapshotManifest Manifest, byte[] Payload) ReadEnvelope(string path) => new SnapshotEnvelope(path).Read();
}
