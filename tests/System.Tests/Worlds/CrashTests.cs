using System.Security.Cryptography;
using System.Text;

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
        string dying = $"""
            ip addr add 10.0.0.1/24 dev eth0; ip link set eth0 up
            yes {Text.Trim()} | head -c {Length} > /data/work/sent
            nc -l -p 7000 < /data/work/sent & sleep {moment}; echo c > /proc/sysrq-trigger
            head -n 1 /proc/otherworld/status; ip route

            """;
        const string client = """
            ip addr add 10.0.0.2/24 dev eth0; ip link set eth0 up; sleep 3
            nc 10.0.0.1 7000 > /tmp/got; sha256sum /tmp/got; echo "client" done $((40+2))

            """;
        CliResult run = DyingWorld.Run(_folder, dying, client, Done);
        string sent = string.Concat(Enumerable.Repeat(Text, (Length / Text.Length) + 1))[..Length];
        string server = File.ReadAllText(Path.Combine(_folder, DyingWorld.Console));
        Assert.Multiple(() =>
        {
            Assert.That(run.Status, Is.Zero, run.Error + server);
            Assert.That(server, Does.Contain("generation=2"), "the kernel has died");
            Assert.That(server, Does.Contain("10.0.0.0/24 dev eth0"), "the network is configured");
            Assert.That(run.Error, Does.Contain($"{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(sent)))}  /tmp/got"), server);
        });
    }
}
