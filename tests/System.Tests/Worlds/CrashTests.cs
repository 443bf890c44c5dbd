using System.Security.Cryptography;
using System.Text;
using Otherworld.Guest.Images;

namespace System.Tests.Worlds;

/// <summary>A machine's kernel dies in the middle of what it sends to another one: that one notices a pause and nothing else.</summary>
public sealed class CrashTests
{
    private const int Length = 4_000_000;
    private const string Text = "0123456789abcdef\n";
    private const string Done = "client done 42";
    private string _folder = "";

    [OneTimeSetUp]
    public void Make() => _folder = Directory.CreateTempSubdirectory("otherworld-crash-").FullName;

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    /// <summary>The moments lie in the middle of the transfer, which takes more than three seconds.</summary>
    [TestCase("3")]
    [TestCase("4")]
    public void A_connection_outlives_the_kernel_of_one_end(string moment)
    {
        string machineFile = Path.Combine(_folder, "world.toml"), serverLog = Path.Combine(_folder, "server.log");
        File.WriteAllText(Path.Combine(_folder, "server.in"), $"""
            ip addr add 10.0.0.1/24 dev eth0; ip link set eth0 up
            yes {Text.Trim()} | head -c {Length} > /data/work/sent
            nc -l -p 7000 < /data/work/sent & sleep {moment}; echo c > /proc/sysrq-trigger
            head -n 1 /proc/otherworld/status; ip route

            """);
        File.WriteAllText(Path.Combine(_folder, "client.in"), """
            ip addr add 10.0.0.2/24 dev eth0; ip link set eth0 up; sleep 3
            nc 10.0.0.1 7000 > /tmp/got; sha256sum /tmp/got; echo "client" done $((40+2))

            """);
        File.WriteAllText(machineFile, $"""
            [world]
            seed = 3

            [[machines]]
            name = "client"
            image = "otherworld"
            memory = "64M"
            input = "client.in"

            [[machines]]
            name = "server"
            image = "otherworld"
            memory = "256M"
            disk.image = "{Images.Otherworld.Path(ImageRoles.Disk)}"
            append = "console=ttyS0 quiet tsc=reliable no_timer_check panic=-1 reboot=t otherworld virtio_mmio.device=512@0xfeb00000:5 virtio_mmio.device=512@0xfeb00800:6"
            input = "server.in"
            console = "server.log"

            [[links]]
            between = ["server", "client"]
            latency = "200us"
            bandwidth = "10M"
            """);
        CliResult run = Cli.RunIn(_folder, "boot", "--machine", machineFile, "--until", Done, "--limit", "60s", "--json");
        string sent = string.Concat(Enumerable.Repeat(Text, (Length / Text.Length) + 1))[..Length];
        string server = File.ReadAllText(serverLog);
        Assert.Multiple(() =>
        {
            Assert.That(run.Status, Is.Zero, run.Error + server);
            Assert.That(server, Does.Contain("generation=2"), "the kernel has died");
            Assert.That(server, Does.Contain("10.0.0.0/24 dev eth0"), "the network is configured");
            Assert.That(run.Error, Does.Contain($"{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(sent)))}  /tmp/got"), server);
        });
    }
}
