using System.Globalization;
using Emu.Core;
using Emu.Core.Machine;
using Emu.Core.Replay;
using Emu.Core.Snapshots;
using Emu.X86;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Runs;

/// <summary>
/// A recorded run: a folder with the snapshot it starts from, the journal, and, when it is self-contained, its disk images. Described in
/// docs/run-format.md.
/// </summary>
public sealed class RunFolder
{
    /// <summary>Name of the snapshot in the folder.</summary>
    public const string StartName = "start.snapshot";

    private const string JournalName = "journal";
    private const string DisksName = "disks";
    private const string NotYet = ".new";

    private RunFolder(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The snapshot the run starts from.</summary>
    public string StartPath => System.IO.Path.Combine(Path, StartName);

    /// <summary>The journal.</summary>
    public string JournalPath => System.IO.Path.Combine(Path, JournalName);

    /// <summary>Starts recording a guest where it stands.</summary>
    /// <param name="path">The folder; it must be empty or not exist.</param>
    /// <param name="guest">The guest.</param>
    /// <param name="commit">Of this program.</param>
    /// <param name="selfContained">Copy the disk images into the folder.</param>
    /// <returns>The recorder; it records until it is disposed.</returns>
    /// <exception cref="OtherworldException">The folder is in use or cannot be written to.</exception>
    public static RunRecorder Record(string path, GuestMachine guest, string commit, bool selfContained)
    {
        var run = new RunFolder(path);
        try
        {
            if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
                throw new OtherworldException($"'{path}' is not empty: a run is recorded into a folder of its own. Give another name, or delete it.");
            Directory.CreateDirectory(path);
            (UInt128 start, Task<SnapshotManifest> saved) = guest.SaveBehind(run.StartPath, commit, "a recording starts");
            if (selfContained)
                run.CopyDisks(saved.GetAwaiter().GetResult());
            var stream = new FileStream(run.JournalPath + NotYet, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
            return new RunRecorder(guest.Machine, new JournalWriter(stream, start), run.Begin(saved));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OtherworldException($"the run cannot be recorded to '{path}': {e.Message}", 3);
        }
    }

    /// <summary>Opens a recorded run.</summary>
    /// <exception cref="OtherworldException">It is none.</exception>
    public static RunFolder Open(string path)
    {
        var run = new RunFolder(path);
        if (!Directory.Exists(path))
            throw new OtherworldException($"there is no run '{path}'. Record one: ./otherworld boot --record {path} ...");
        foreach (string file in (string[])[run.StartPath, run.JournalPath])
        {
            if (!File.Exists(file))
                throw new OtherworldException($"'{path}' is no recorded run: it has no '{System.IO.Path.GetFileName(file)}'. A run is a folder made with --record.");
        }

        return run;
    }

    /// <summary>Builds the guest as it was when the recording began, and what replays it.</summary>
    /// <param name="disks">Where disk images are now; if empty, in the folder or where they were.</param>
    /// <param name="outputs">Where the machine talks to.</param>
    /// <param name="engine">What runs it; null for the fastest there is. No replay can tell.</param>
    /// <exception cref="OtherworldException">The run is damaged, or a disk image is missing or another one.</exception>
    public (GuestMachine Guest, RunReplayer Replayer) Replay(IReadOnlyList<DiskChoice> disks, MachineOutputs outputs, EngineKind? engine)
    {
        (SnapshotManifest manifest, MemorySnapshot snapshot) = SnapshotFile.Read(StartPath);
        JournalReader journal = OpenJournal();
        try
        {
            if (journal.Start != ParseHash(manifest.StateHash))
                throw new OtherworldException($"journal and snapshot in '{Path}' do not belong together: the journal starts from state {journal.Start:x32}, the snapshot is {manifest.StateHash}.");
            var guest = GuestMachine.FromSnapshot(manifest, snapshot, disks.Count > 0 ? disks : OwnDisks(manifest), outputs, engine: engine);
            return (guest, new RunReplayer(guest.Machine, journal));
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    private JournalReader OpenJournal()
    {
        try
        {
            return new JournalReader(new BufferedStream(File.OpenRead(JournalPath), 1 << 16), JournalPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OtherworldException($"the journal '{JournalPath}' cannot be read: {e.Message}");
        }
    }

    private List<DiskChoice> OwnDisks(SnapshotManifest manifest)
    {
        List<DiskChoice> disks = [.. manifest.Disks.Select(disk => new DiskChoice(OwnDisk(disk.Id), disk.ReadOnly))];
        return disks.TrueForAll(disk => File.Exists(disk.Path)) ? disks : [];
    }

    /// <summary>The journal gets its name when there is a snapshot to replay it from: a program killed before leaves no run.</summary>
    private async Task Begin(Task saved)
    {
        await saved.ConfigureAwait(false);
        File.Move(JournalPath + NotYet, JournalPath);
    }

    private void CopyDisks(SnapshotManifest manifest)
    {
        Directory.CreateDirectory(System.IO.Path.Combine(Path, DisksName));
        foreach (SnapshotDisk disk in manifest.Disks)
            File.Copy(disk.Path, OwnDisk(disk.Id));
    }

    private string OwnDisk(string id) => System.IO.Path.Combine(Path, DisksName, id);

    private static UInt128 ParseHash(string text) => UInt128.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
