using Otherworld.Guest.Images;

namespace System.Tests.Worlds;

/// <summary>What user space has configured of a network card is what it was when the kernel has died: addresses, routes over both protocols, neighbours for good.</summary>
public sealed class RouteTests
{
    private const string Done = "END2";
    private string _folder = "";

    [OneTimeSetUp]
    public void Make() => _folder = Directory.CreateTempSubdirectory("otherworld-routes-").FullName;

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Routes_and_neighbours_outlive_the_kernel()
    {
        string machineFile = Path.Combine(_folder, "world.toml"), log = Path.Combine(_folder, "server.log");
        File.WriteAllText(Path.Combine(_folder, "server.in"), """
            ip addr add 10.0.0.1/24 dev eth0; ip -6 addr add fd00::1/64 dev eth0; ip link set eth0 up; sleep 3
            ip route add 10.9.0.0/16 via 10.0.0.2; arp -s 10.0.0.9 02:00:00:00:00:09
            ip -6 route add fd20::/48 via fd00::2; ip -6 route add fd21::/64 dev eth0 metric 5; ip -6 route add default via fd00::3
            show() { ip route; ip -6 route; arp -n; }
            echo BEFORE; show; echo END$((1)); echo c > /proc/sysrq-trigger
            echo AFTER; show; echo END$((2))

            """);
        File.WriteAllText(machineFile, $"""
            [world]
            seed = 3

            [[machines]]
            name = "server"
            image = "otherworld"
            memory = "256M"
            disk.image = "{Images.Otherworld.Path(ImageRoles.Disk)}"
            append = "console=ttyS0 quiet tsc=reliable no_timer_check panic=-1 reboot=t otherworld virtio_mmio.device=512@0xfeb00000:5 virtio_mmio.device=512@0xfeb00800:6"
            input = "server.in"
            console = "server.log"

            [[machines]]
            name = "other"
            image = "otherworld"
            memory = "64M"

            [[links]]
            between = ["server", "other"]
            latency = "200us"
            bandwidth = "10M"
            """);
        CliResult run = Cli.RunIn(_folder, "boot", "--machine", machineFile, "--until", Done, "--limit", "60s", "--json");
        string said = File.ReadAllText(log).Replace("\r", "", StringComparison.Ordinal);
        string[] before = Between(said, "\nBEFORE\n", "END1"), after = Between(said, "\nAFTER\n", "END2");
        Assert.That(run.Status, Is.Zero, run.Error + said);
        Assert.That(after, Is.EqualTo(before), said);
        string[] wanted = ["10.9.0.0/16 via 10.0.0.2", "02:00:00:00:00:09", "fd20::/48 via fd00::2", "fd21::/64 dev eth0", "default via fd00::3"];
        Assert.That(wanted, Has.All.Matches<string>(text => after.Any(line => line.Contains(text, StringComparison.Ordinal))), said);
    }

    private static string[] Between(string text, string start, string end)
    {
        int from = text.IndexOf(start, StringComparison.Ordinal), to = text.IndexOf("\n" + end, Math.Max(from, 0), StringComparison.Ordinal);
        return from < 0 || to < 0 ? [] : text[(from + start.Length)..to].Split('\n');
    }
}
