using Emu.Core.Machine;
using Emu.Core.Snapshots;
using Emu.Core.State;
using Otherworld.Guest.Boot;

namespace System.Tests.Snapshots;

/// <summary>A program compiled ahead of time reads the fields of state structs from another kind of metadata; what it writes about them is the same.</summary>
public sealed class SchemaTests
{
    [Test]
    public void A_snapshot_of_the_program_names_every_field_of_every_device()
    {
        string folder = Directory.CreateTempSubdirectory("otherworld-schema-").FullName;
        try
        {
            string path = Path.Combine(folder, "a.snapshot"), disk = Path.Combine(folder, "disk"), machine = Path.Combine(folder, "machine.toml");
            File.WriteAllBytes(disk, new byte[1 << 20]);
            File.WriteAllText(machine, "[network]\ncards = \"02:00:00:00:00:01\"\n");
            CliResult saved = Cli.Run("snapshot", "save", path, "--kernel", BareMetal.Image(BareMetal.Loop), "--memory", "64M", "--machine", machine, "--disk", disk, "--limit", "1000");
            Assert.That(saved.Status, Is.Zero, saved.Error);
            (SnapshotManifest manifest, MemorySnapshot snapshot) = SnapshotFile.Read(path);
            using GuestMachine guest = GuestMachine.FromSnapshot(manifest, snapshot, [], new MachineOutputs());
            Assert.Multiple(() =>
            {
                foreach ((PartImage part, IStateful own) in snapshot.Parts.Zip(((ISnapshotable)guest.Machine).Parts))
                    Assert.That(part.Schema.Text, Is.EqualTo(StateSchema.Of(own.StateType).Text), part.Id);
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
