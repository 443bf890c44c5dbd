using CsCheck;
using Emu.Core.Snapshots;

namespace Emu.Core.Tests.Snapshots;

[TestFixture]
public sealed class SnapshotFileTests
{
    /// <summary>A process number beyond any that Linux gives (4 Mi).</summary>
    private const int Gone = 1 << 30;

    private static readonly SnapshotInfo Info = new() { Commit = "c0ffee", Reason = "test", KernelBuildId = "abc" };

    [Test]
    public void What_is_saved_and_loaded_into_a_new_machine_has_the_same_hash()
    {
        Gen.ULong.Array[0, 5].Sample(seeds =>
        {
            using var folder = new TemporaryFolder();
            using var machine = new TestMachine();
            foreach (ulong seed in seeds)
                machine.Scribble(seed);
            SnapshotManifest saved = SnapshotFile.Save(folder["a.snapshot"], machine, Info);
            using TestMachine loaded = SnapshotFile.Load(folder["a.snapshot"], _ => new TestMachine());
            Assert.That(loaded.Hash(), Is.EqualTo(machine.Hash()));
            Assert.That((loaded.Tick, saved.Tick), Is.EqualTo((machine.Tick, machine.Tick)));
            SnapshotManifest verified = SnapshotFile.Verify(folder["a.snapshot"]);
            Assert.That(verified.StateHash, Is.EqualTo(saved.StateHash));
        }, iter: 20, threads: 1);
    }

    [Test]
    public void The_manifest_says_what_the_caller_and_the_machine_know()
    {
        using var folder = new TemporaryFolder();
        using var machine = new TestMachine();
        machine.Clock.Now = 100;
        SnapshotFile.Save(folder["a"], machine, Info with { Parent = "f00d", DiskPaths = new Dictionary<string, string> { ["vda"] = "/d.img" } });
        SnapshotManifest manifest = SnapshotFile.Inspect(folder["a"]);
        Assert.That((manifest.Commit, manifest.Reason, manifest.KernelBuildId, manifest.Parent), Is.EqualTo(("c0ffee", "test", "abc", "f00d")));
        Assert.That((manifest.Tick, manifest.InstructionCount, manifest.MachineJson), Is.EqualTo((100UL, 50UL, machine.DescriptionJson)));
        Assert.That(manifest.Disks.Single(), Is.EqualTo(new SnapshotDisk("vda", 64 << 10, machine.Disk.Image.ContentHash, false, "/d.img")));
        Assert.That(manifest.Sections.Select(section => section.Id), Is.EqualTo(new[] { "clock", "events", "vda", "hvc0" }));
    }

    [Test]
    public void Zero_pages_cost_nothing_and_equal_pages_are_stored_once()
    {
        using var folder = new TemporaryFolder();
        using var machine = new TestMachine(256 << 20);
        SnapshotFile.Save(folder["empty"], machine, Info);
        Assert.That(folder.Size, Is.LessThan(20_000));
        var page = new byte[4096];
        new Random(1).NextBytes(page);
        for (ulong frame = 0; frame < 1000; frame++)
            machine.Memory.Write(frame * 4096, page);
        SnapshotFile.Save(folder["full"], machine, Info);
        Assert.That(folder.Size, Is.LessThan(60_000));
    }

    [Test]
    public void A_second_snapshot_costs_only_what_has_changed()
    {
        using var folder = new TemporaryFolder();
        using var machine = new TestMachine(64 << 20);
        var noise = new byte[16 << 20];
        new Random(2).NextBytes(noise);
        machine.Memory.Write(0, noise);
        SnapshotFile.Save(folder["a"], machine, Info);
        long before = folder.Size;
        machine.Memory.Write(0x2000, 77);
        SnapshotFile.Save(folder["b"], machine, Info);
        Assert.That(folder.Size - before, Is.LessThan(30_000));
        Assert.That(folder.Packs, Has.Length.EqualTo(2));
        using TestMachine loaded = SnapshotFile.Load(folder["b"], _ => new TestMachine(64 << 20));
        Assert.That(loaded.Memory.Read<int>(0x2000), Is.EqualTo(77));
    }

    [Test]
    public void Saving_the_same_state_twice_gives_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        using var machine = new TestMachine();
        machine.Scribble(4);
        SnapshotFile.Save(folder["a"], machine, Info);
        SnapshotFile.Save(folder["b"], machine, Info);
        Assert.That(File.ReadAllBytes(folder["b"]), Is.EqualTo(File.ReadAllBytes(folder["a"])));
    }

    [Test]
    public void Every_damaged_byte_of_the_file_is_noticed()
    {
        using var folder = new TemporaryFolder();
        using var machine = new TestMachine();
        machine.Scribble(5);
        SnapshotFile.Save(folder["a"], machine, Info);
        byte[] good = File.ReadAllBytes(folder["a"]);
        for (int i = 0; i < good.Length; i += i < 200 ? 1 : 7)
        {
            byte[] bad = (byte[])good.Clone();
            bad[i] ^= 0x10;
            File.WriteAllBytes(folder["bad"], bad);
            Assert.That(() => SnapshotFile.Load(folder["bad"], _ => new TestMachine()), Throws.TypeOf<OtherworldException>(), $"byte {i}");
        }
    }

    [Test]
    public void Every_damaged_byte_of_a_pack_is_noticed()
    {
        using var folder = new TemporaryFolder();
        using var machine = new TestMachine();
        machine.Memory.Write(0x1000, 1);
        machine.Disk.Write(512, new byte[] { 1 });
        SnapshotFile.Save(folder["a"], machine, Info);
        string pack = folder.Packs.Single();
        byte[] good = File.ReadAllBytes(pack);
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = (byte[])good.Clone();
            bad[i] ^= 0x40;
            File.WriteAllBytes(pack, bad);
            Assert.That(() => SnapshotFile.Verify(folder["a"]), Throws.TypeOf<OtherworldException>(), $"byte {i}");
        }
    }

    [Test]
    public void Every_truncation_is_noticed()
    {
        using var folder = new TemporaryFolder();
        using var machine = new TestMachine();
        machine.Scribble(6);
        SnapshotFile.Save(folder["a"], machine, Info);
        foreach (string path in new[] { folder["a"], folder.Packs.Single() })
        {
            byte[] good = File.ReadAllBytes(path);
            for (int length = 0; length < good.Length; length += 1 + (good.Length / 97))
            {
                File.WriteAllBytes(path, good[..length]);
                Assert.That(() => SnapshotFile.Verify(folder["a"]), Throws.TypeOf<OtherworldException>(), $"{path} at {length}");
            }

            File.WriteAllBytes(path, [.. good, 0]);
            Assert.That(() => SnapshotFile.Verify(folder["a"]), Throws.TypeOf<OtherworldException>(), "a byte too many");
            File.WriteAllBytes(path, good);
        }

        Assert.That(() => SnapshotFile.Verify(folder["a"]), Throws.Nothing);
    }

    [Test]
    public void What_a_killed_program_left_behind_goes_with_the_next_write_and_nothing_else_does()
    {
        using var folder = new TemporaryFolder();
        string[] stay = ["a", $"b.{Environment.ProcessId}.otherworld.tmp", $"c.{Gone}.tmp", "d.otherworld.tmp", "e.x.otherworld.tmp", $"locked.{Gone}.otherworld.tmp"];
        foreach (string name in stay)
            File.WriteAllText(folder[name], "");
        File.WriteAllText(folder[$"old.snapshot.{Gone}.otherworld.tmp"], "");
        using (new FileStream(folder[stay[^1]], FileMode.Open, FileAccess.Write, FileShare.None))
            AtomicFile.Write(folder["a"], stream => stream.WriteByte(1));
        Assert.That(Directory.GetFiles(folder.Path).Select(Path.GetFileName), Is.EquivalentTo(stay));
        AtomicFile.Write(folder["a"], stream => stream.WriteByte(2));
        Assert.That(Directory.GetFiles(folder.Path).Select(Path.GetFileName), Is.EquivalentTo(stay[..^1]));
    }

    [Test]
    public void Foreign_files_are_refused_with_the_reason()
    {
        using var folder = new TemporaryFolder();
        using var machine = new TestMachine();
        SnapshotFile.Save(folder["a"], machine, Info);
        string text = File.ReadAllText(folder["a"], System.Text.Encoding.Latin1);
        File.WriteAllText(folder["v9"], text.Replace("snapshot 1 ", "snapshot 9 ", StringComparison.Ordinal), System.Text.Encoding.Latin1);
        Refused("v9", "has snapshot format 9; this program reads format 1");
        File.WriteAllText(folder["elf"], "\u007fELF");
        Refused("elf", "is not a snapshot");
        Refused("missing", "cannot be read");
        Assert.That(
            () => SnapshotFile.Load(folder["a"], _ => new TestMachine(disk: Enumerable.Repeat((byte)1, 64 << 10).ToArray())),
            Throws.TypeOf<OtherworldException>().With.Message.Contains("Give the unchanged image with --disk"));
        Assert.That(() => SnapshotFile.Load(folder["a"], _ => new TestMachine(extraPart: true)), Throws.TypeOf<OtherworldException>().With.Message.Contains("lacks the section 'hvc1'"));
        File.Delete(folder.Packs.Single());
        Refused("a", "Copy the folder 'pages' together with the snapshots");

        void Refused(string name, string reason) =>
            Assert.That(() => SnapshotFile.Verify(folder[name]), Throws.TypeOf<OtherworldException>().With.Message.Contains(reason));
    }

    [Test]
    public void A_crash_while_saving_leaves_the_old_file()
    {
        using var folder = new TemporaryFolder();
        using var machine = new TestMachine();
        SnapshotFile.Save(folder["a"], machine, Info);
        byte[] old = File.ReadAllBytes(folder["a"]);
        Assert.That(
            () => AtomicFile.Write(folder["a"], stream =>
            {
                stream.Write(new byte[100_000]);
                throw new IOException("No space left on device");
            }),
            Throws.TypeOf<OtherworldException>().With.Message.Contains("No space left on device").And.Property("ExitCode").EqualTo(3));
        Assert.That(File.ReadAllBytes(folder["a"]), Is.EqualTo(old));
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1), "nothing is left behind");
    }

    [Test]
    public void What_a_killed_program_left_behind_is_ignored()
    {
        using var folder = new TemporaryFolder();
        using var machine = new TestMachine();
        SnapshotFile.Save(folder["a"], machine, Info);
        File.WriteAllBytes(folder[$"pages/0123.owpack.{Gone}.otherworld.tmp"], new byte[50]);
        File.WriteAllBytes(folder["pages/00000000000000000000000000000000.owpack"], new byte[50]);
        machine.Scribble(3);
        SnapshotFile.Save(folder["b"], machine, Info);
        Assert.That(() => SnapshotFile.Verify(folder["b"]), Throws.Nothing);
        Assert.That(() => SnapshotFile.Verify(folder["a"]), Throws.Nothing);
    }

    [Test]
    public void The_document_describes_the_version_of_the_code()
    {
        string text = File.ReadAllText(Path.Combine(Checkout.Root, "docs/snapshot-format.md"));
        Assert.That(text, Does.Contain($"Format version: **{SnapshotFile.FormatVersion}**").And.Contain($"Pack version: **{PackFile.Magic[7]}**"));
    }
}
