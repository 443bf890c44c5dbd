using System.Text.Json;

namespace System.Tests.Worlds;

/// <summary>Two of our guests, joined by a link that loses frames, run by the program as a person runs it.</summary>
public sealed class WorldTests
{
    private const string Done = "client done 42";
    private string _folder = "";
    private string _serverLog = "";
    private CliResult? _run;

    private string MachineFile => Path.Combine(_folder, "world.toml");

    /// <summary>One run, recorded, with everything on: the others are compared with it.</summary>
    [OneTimeSetUp]
    public void Run()
    {
        _folder = Directory.CreateTempSubdirectory("otherworld-world-").FullName;
        File.WriteAllText(Path.Combine(_folder, "server.in"), """
            ip addr add 10.0.0.1/24 dev eth0; ip link set eth0 up
            yes 0123456789abcdef | head -c 300000 > /tmp/data; nc -l -p 7000 < /tmp/data; echo "server" done $((40+2))

            """);
        File.WriteAllText(Path.Combine(_folder, "client.in"), """
            ip addr add 10.0.0.2/24 dev eth0; ip link set eth0 up; sleep 1; ping -c 3 10.0.0.1
            nc 10.0.0.1 7000 > /tmp/got; md5sum /tmp/got; sleep 1; echo "client" done $((40+2))

            """);
        File.WriteAllText(MachineFile, Describe("", ""));
        _run = Boot("--record", "run", "--pcap", "one.pcapng");
        _serverLog = File.ReadAllText(Path.Combine(_folder, "server.log")); // later runs write it anew
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void They_ping_each_other_and_what_TCP_carries_arrives_whole_although_frames_get_lost()
    {
        JsonElement link = _run!.Json().GetProperty("links")[0];
        Assert.Multiple(() =>
        {
            Assert.That(_run.Status, Is.Zero, _run.Error);
            Assert.That(_run.Error, Does.Contain("packets transmitted").And.Contain("64 bytes from 10.0.0.1"));
            Assert.That(_run.Error, Does.Contain("55afb736abb176ea4edbdbe056416430  /tmp/got"), "the MD5 of what the server sent");
            Assert.That(_serverLog, Does.Contain("server done 42"), "the other console is in its file");
            Assert.That(Sum(link, "lost"), Is.Positive);
            Assert.That(Sum(link, "sent"), Is.GreaterThan(300), "300,000 bytes, acknowledged");
        });
    }

    [Test]
    public void Another_quantum_and_other_engines_end_in_the_same_state_and_show_the_same_frames()
    {
        File.WriteAllText(MachineFile, Describe("quantum = \"31us\"", "host.engine = \"interpreter\""));
        CliResult other = Boot("--pcap", "other.pcapng");
        Assert.Multiple(() =>
        {
            Assert.That(other.Json("final_hash"), Is.EqualTo(_run!.Json("final_hash")));
            Assert.That(other.Json("inputs"), Is.EqualTo(_run.Json("inputs")));
            Assert.That(other.Json("world"), Is.EqualTo(_run.Json("world")), "quantum and engine are no part of what a world is");
            Assert.That(File.ReadAllBytes(Path.Combine(_folder, "other.pcapng")), Is.EqualTo(File.ReadAllBytes(Path.Combine(_folder, "one.pcapng"))));
        });
    }

    [Test]
    public void Another_seed_loses_other_frames()
    {
        CliResult other = Boot("--seed", "8");
        Assert.That((other.Status, other.Json("final_hash")), Is.Not.EqualTo((0, _run!.Json("final_hash"))));
    }

    [Test]
    public void A_recording_replays_as_a_whole_and_machine_by_machine()
    {
        CliResult whole = Cli.RunIn(_folder, "replay", "run"), one = Cli.RunIn(_folder, "replay", "run/server", "--verify", "--json");
        string[] hashes = [.. _run!.Json().GetProperty("machines").EnumerateArray().Select(machine => machine.GetProperty("final_hash").GetString()!)];
        Assert.Multiple(() =>
        {
            Assert.That(whole.Status, Is.Zero, whole.Error);
            Assert.That(whole.Error.Split("IDENTICAL"), Has.Length.EqualTo(3));
            Assert.That(one.Json("final_hash"), Is.EqualTo(hashes[1]));
            Assert.That(Cli.RunIn(_folder, "replay", "run", "--goto", "panic").Error, Does.Contain("run/client or run/server"));
        });
    }

    [Test]
    public void A_snapshot_with_frames_under_way_goes_on_to_the_same_state()
    {
        CliResult saved = Cli.RunIn(_folder, "boot", "--machine", MachineFile, "--limit", "2700ms", "--save", "snapshot");
        CliResult rest = Cli.RunIn(_folder, "boot", "--from", "snapshot", "--until", Done, "--limit", "60s", "--json");
        string manifest = File.ReadAllText(Path.Combine(_folder, "snapshot/world.json"));
        File.WriteAllText(Path.Combine(_folder, "snapshot/world.json"), manifest.Replace("\"lost\": ", "\"lost\": 1", StringComparison.Ordinal));
        CliResult damaged = Cli.RunIn(_folder, "boot", "--from", "snapshot");
        Assert.Multiple(() =>
        {
            Assert.That(saved.Status, Is.EqualTo(124), saved.Error);
            Assert.That(rest.Json("final_hash"), Is.EqualTo(_run!.Json("final_hash")));
            Assert.That(damaged.Status, Is.EqualTo(2));
            Assert.That(damaged.Error, Does.Contain("is damaged"));
        });
    }

    [TestCase("--kernel", "x", "--kernel is for one machine")]
    [TestCase("--memory", "1G", "--memory is for one machine")]
    [TestCase("--gdb", "0", "--gdb is for one machine")]
    [TestCase("--console", "nobody", "no machine 'nobody' in this world. Its machines are: client, server")]
    public void Options_for_one_machine_are_refused(string option, string value, string wanted)
    {
        CliResult result = Cli.RunIn(_folder, "boot", "--machine", MachineFile, option, value);
        Assert.Multiple(() =>
        {
            Assert.That(result.Status, Is.EqualTo(2));
            Assert.That(result.Error, Does.Contain(wanted));
        });
    }

    private static int Sum(JsonElement link, string member) => link.GetProperty(member).EnumerateArray().Sum(count => count.GetInt32());

    private static string Describe(string world, string machine) => $"""
        [world]
        seed = 3
        {world}

        [[machines]]
        name = "client"
        image = "otherworld"
        memory = "64M"
        input = "client.in"
        {machine}

        [[machines]]
        name = "server"
        image = "otherworld"
        memory = "64M"
        input = "server.in"
        console = "server.log"

        [[links]]
        between = ["server", "client"]
        latency = "200us"
        bandwidth = "50M"
        loss = 0.03
        """;

    private CliResult Boot(params string[] more) => Cli.RunIn(_folder, ["boot", "--machine", MachineFile, "--until", Done, "--limit", "60s", "--json", .. more]);
}
