using System.Diagnostics;
using System.Globalization;
using Otherworld.Guest.Images;

namespace System.Tests.Replay;

/// <summary>A real boot, recorded and replayed by the program itself.</summary>
[TestFixture]
public sealed class ReplayTests
{
    private const string Append = "console=ttyS0 quiet tsc=reliable no_timer_check panic=-1 reboot=t otherworld virtio_mmio.device=512@0xfeb00000:5 virtio_mmio.device=512@0xfeb00200:9";
    private string _folder = "";
    private CliResult? _boot;

    private string RunPath => Path.Combine(_folder, "run");

    [OneTimeSetUp]
    public void Record()
    {
        _folder = Directory.CreateTempSubdirectory("otherworld-replay-").FullName;
        _boot = Cli.Run(["boot", .. Machine(), "--limit", "60_000_000", "--record", RunPath, "--json"]);
        Assert.That(_boot.Status, Is.EqualTo(124), _boot.Error);
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_replayed_boot_is_identical_and_ends_in_the_recorded_state()
    {
        CliResult replay = Cli.Run("replay", RunPath, "--verify", "--json");
        Assert.That(replay.Status, Is.Zero, replay.Error);
        Assert.That((replay.Json("verdict"), replay.Json("final_hash"), replay.Json("complete")), Is.EqualTo(("identical", _boot!.Json("final_hash"), "True")));
        Assert.That(int.Parse(replay.Json("checked"), CultureInfo.InvariantCulture), Is.GreaterThanOrEqualTo(7));
    }

    [Test]
    public void Recording_leaves_the_boot_as_it_was()
    {
        CliResult plain = Cli.Run(["boot", .. Machine(), "--limit", "60_000_000", "--json"]);
        Assert.That(plain.Json("final_hash"), Is.EqualTo(_boot!.Json("final_hash")));
    }

    [Test]
    public void A_point_is_reached_exactly_saved_and_gone_on_from()
    {
        string point = Path.Combine(_folder, "point.snapshot");
        CliResult replay = Cli.Run("replay", RunPath, "--goto", "23_456_789", "--save", point, "--json");
        Assert.That((replay.Status, replay.Json("icount"), replay.Json("reached")), Is.EqualTo((0, "23456789", "True")), replay.Error);
        CliResult rest = Cli.Run("boot", "--from", point, "--limit", "36_543_211", "--json");
        Assert.That(rest.Json("final_hash"), Is.EqualTo(_boot!.Json("final_hash")));
    }

    [Test]
    public void A_fork_is_a_live_run_from_the_point()
    {
        CliResult fork = Cli.Run("replay", RunPath, "--goto", "armed", "--fork", "--limit", "100ms", "--record", Path.Combine(_folder, "fork"));
        Assert.That(fork.Status, Is.Zero, fork.Error);
        Assert.That(fork.Error, Does.Contain("the live run ended"));
        Assert.That(Cli.Run("replay", Path.Combine(_folder, "fork"), "--verify").Status, Is.Zero);
    }

    [Test]
    public void A_point_that_does_not_come_is_said()
    {
        CliResult replay = Cli.Run("replay", RunPath, "--goto", "panic", "--verify");
        Assert.That((replay.Status, replay.Error), Is.EqualTo((1, replay.Error)));
        Assert.That(replay.Error, Does.Contain("the recording ends before panic"));
    }

    [Test]
    public void What_is_no_run_is_refused_in_one_line()
    {
        string foreign = Path.Combine(_folder, "foreign");
        Directory.CreateDirectory(foreign);
        File.WriteAllText(Path.Combine(foreign, "journal"), "x");
        foreach (string path in (string[])[Path.Combine(_folder, "absent"), foreign])
        {
            CliResult result = Cli.Run("replay", path);
            Assert.That((result.Status, result.Error.Trim().Split('\n').Length), Is.EqualTo((2, 1)), result.Error);
        }

        CliResult again = Cli.Run(["boot", .. Machine(), "--limit", "1000", "--record", RunPath]);
        Assert.That((again.Status, again.Error), Is.EqualTo((2, again.Error)));
        Assert.That(again.Error, Does.Contain("is not empty"));
    }

    [Test]
    public void A_killed_recorder_leaves_a_run_that_replays()
    {
        string path = Path.Combine(_folder, "killed");
        using Process process = Process.Start(Cli.Start(new Dictionary<string, string>(), ["boot", .. Machine(), "--record", path]))!;
        string journal = Path.Combine(path, "journal");
        while (!process.HasExited && (!File.Exists(journal) || new FileInfo(journal).Length < 1000))
            Thread.Sleep(5);
        process.Kill();
        process.WaitForExit();
        CliResult replay = Cli.Run("replay", path, "--verify", "--json");
        Assert.That((replay.Status, replay.Json("verdict"), replay.Json("complete")), Is.EqualTo((0, "identical", "False")), replay.Error);
    }

    [Test]
    public void A_self_contained_run_replays_without_its_images()
    {
        string disk = Path.Combine(_folder, "disk.img");
        File.Copy(Images.Otherworld.Path(ImageRoles.Disk), disk);
        string path = Path.Combine(_folder, "contained");
        CliResult boot = Cli.Run(["boot", .. Machine(disk), "--limit", "20_000_000", "--record", path, "--self-contained", "--json"]);
        File.Delete(disk);
        CliResult replay = Cli.Run("replay", path, "--verify", "--json");
        Assert.That((replay.Status, replay.Json("final_hash")), Is.EqualTo((0, boot.Json("final_hash"))), replay.Error);
    }

    private static string[] Machine(string? disk = null)
    {
        GuestImage image = Images.Otherworld;
        return
        [
            "--kernel", image.Path(ImageRoles.Vmlinux), "--initrd", image.Path(ImageRoles.Initramfs), "--append", Append, "--disk", disk ?? image.Path(ImageRoles.Disk),
        ];
    }
}
