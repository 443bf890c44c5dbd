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
        string log = Path.Combine(_folder, DyingWorld.Console);
        CliResult run = DyingWorld.Run(_folder, """
            ip addr add 10.0.0.1/24 dev eth0; ip -6 addr add fd00::1/64 dev eth0; ip link set eth0 up; sleep 3
            ip route add 10.9.0.0/16 via 10.0.0.2; arp -s 10.0.0.9 02:00:00:00:00:09
            ip -6 route add fd20::/48 via fd00::2; ip -6 route add fd21::/64 dev eth0 metric 5; ip -6 route add default via fd00::3
            show() { ip route; ip -6 route; arp -n; }
            echo BEFORE; show; echo END$((1)); echo c > /proc/sysrq-trigger
            echo AFTER; show; echo END$((2))

            """, "", Done);
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
