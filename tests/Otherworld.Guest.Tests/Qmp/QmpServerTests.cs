using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Emu.Core.Machine;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Debugging;
using Otherworld.Guest.Qmp;
using Otherworld.Guest.Tests.Debugging;

namespace Otherworld.Guest.Tests.Qmp;

/// <summary>The server by its messages, as a client and as what is none.</summary>
public sealed class QmpServerTests
{
    private const ulong End = 500_000;
    private const string Hello = """{"execute":"qmp_capabilities"}""";

    private string _folder = "";

    [OneTimeSetUp]
    public void Make() => _folder = Directory.CreateTempSubdirectory("otherworld-qmp-").FullName;

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Client_is_greeted_negotiates_and_asks()
    {
        JsonNode[] said = Talk(isLive: false, Hello, Command("query-status"), Command("query-version"), Command("query-commands"), Command("query-target"), Command("query-cpus-fast"));
        Assert.That((int)said[0]["QMP"]!["version"]!["qemu"]!["major"]!, Is.EqualTo(7));
        Assert.That(said[1].ToJsonString(), Is.EqualTo("""{"return":{}}"""));
        Assert.That(said[2]["return"]!.ToJsonString(), Is.EqualTo("""{"running":false,"status":"paused"}"""));
        Assert.That(said[3]["return"]!.ToJsonString(), Is.EqualTo(said[0]["QMP"]!["version"]!.ToJsonString()));
        Assert.That(said[4]["return"]!.AsArray().Select(item => (string)item!["name"]!), Is.SupersetOf((string[])["cont", "memsave", "query-commands", "dump-guest-memory"]));
        Assert.That((string)said[5]["return"]!["arch"]!, Is.EqualTo("x86_64"));
        Assert.That((int)said[6]["return"]![0]!["cpu-index"]!, Is.Zero);
    }

    [Test]
    public void Guest_goes_on_and_stops_with_events_and_ends()
    {
        JsonNode[] said = Talk(isLive: false, Hello, Command("cont"), Command("stop"), Command("query-status"), """{"execute":"quit","id":{"n":[7,"x"]}}""");
        Assert.That(said.Skip(2).Select(item => (string?)item["event"] ?? "return"), Is.EqualTo((string[])["RESUME", "return", "STOP", "return", "return", "return", "SHUTDOWN"]));
        Assert.That(said[^2].ToJsonString(), Is.EqualTo("""{"return":{},"id":{"n":[7,"x"]}}"""));
        Assert.That((string)said[^1]["data"]!["reason"]!, Is.EqualTo("host-qmp-quit"));
    }

    [Test]
    public void Memory_is_saved_by_linear_and_physical_address()
    {
        string file = Path.Combine(_folder, "bytes");
        foreach (string command in (string[])["memsave", "pmemsave"])
        {
            File.Delete(file);
            JsonNode[] said = Talk(isLive: false, Hello, Command(command, new { val = SmallGuest.Origin, size = 6, filename = file }));
            Assert.That(said[^1].ToJsonString(), Is.EqualTo("""{"return":{}}"""));
            Assert.That(File.ReadAllBytes(file), Is.EqualTo(new byte[] { 0xB0, 0x11, 0xE6, 0x20, 0xB0, 0x08 }));
        }
    }

    [TestCase("no json", "JSON parse error")]
    [TestCase("""{"execute":"mumble"}""", "The command mumble has not been found")]
    [TestCase("""{"execute":"stop","argument":1}""", "QMP input member 'argument' is unexpected")]
    [TestCase("""{"execute":"stop","arguments":{"a":1}}""", "Parameter 'a' is unexpected")]
    [TestCase("""{"execute":"memsave","arguments":{"val":-1,"size":1,"filename":"x"}}""", "Invalid parameter type for 'val', expected: a number that is not negative")]
    [TestCase("""{"execute":"pmemsave","arguments":{"val":0,"size":1}}""", "Parameter 'filename' is missing")]
    [TestCase("""{"execute":"pmemsave","arguments":{"val":0,"size":1,"filename":"/nowhere/at/all"}}""", "'/nowhere/at/all' cannot be written")]
    [TestCase("""{"execute":"pmemsave","arguments":{"val":2097150,"size":4,"filename":"/tmp/otherworld-qmp-none"}}""", "there is no RAM at 0x200000")]
    [TestCase("""{"execute":"dump-guest-memory","arguments":{"paging":false,"protocol":"file:/tmp/x"}}""", "symbols are not known")]
    [TestCase("""{"execute":"\ud800"}""", "")]
    [TestCase("[1]", "QMP input must be a JSON object")]
    public void What_cannot_be_done_is_said_and_the_conversation_goes_on(string message, string complaint)
    {
        JsonNode[] said = Talk(isLive: false, Hello, message, Command("query-status"));
        Assert.That((string)said[2]["error"]!["desc"]!, Does.Contain(complaint));
        Assert.That((string)said[3]["return"]!["status"]!, Is.EqualTo("paused"));
        Assert.That(File.Exists("/tmp/otherworld-qmp-none"), Is.False);
    }

    [Test]
    public void What_is_no_client_is_left()
    {
        JsonNode[] said = Talk(isLive: false, "POST / HTTP/1.1\r\n", Hello);
        Assert.That(said, Has.Length.EqualTo(2));
        Assert.That(said[1]["error"], Is.Not.Null);
    }

    [Test]
    public void Commands_before_negotiation_are_refused()
    {
        JsonNode[] said = Talk(isLive: false, Command("query-status"), Hello, Hello);
        Assert.That(said.Skip(1).Select(item => (string?)item["error"]?["class"]), Is.EqualTo((string?[])["CommandNotFound", null, "CommandNotFound"]));
    }

    [Test]
    public void Monitor_knows_what_gdb_knows_and_goes_back()
    {
        JsonNode[] said = Talk(isLive: false, Hello, Monitor("info registers"), Monitor("goto 1000"), Monitor("xp /2xb 0x1000"), Monitor("goto 10"), Monitor("when"));
        Assert.That((string)said[2]["return"]!, Does.Contain("RIP"));
        Assert.That((string)said[4]["return"]!, Does.Contain("0xb0 0x11"));
        Assert.That((string)said[6]["return"]!, Does.StartWith("icount 10,"));
    }

    [Test]
    public void Client_that_stops_and_looks_leaves_the_run_as_it_would_have_been([Values] bool isLive)
    {
        string file = Path.Combine(_folder, "all");
        Assert.That(Hash(isLive, socket => Say(socket, Hello, Command("stop"), Command("pmemsave", new { val = 0, size = 2 << 20, filename = file }), Monitor("goto 4000"), Monitor("last-writer 0x5000"), Command("cont"))), Is.EqualTo(Plain()));
    }

    [Test]
    public void Client_that_vanishes_in_the_middle_of_a_message_is_forgotten()
    {
        Assert.That(Hash(isLive: true, socket => socket.Send("""{"execute":"qmp_cap"""u8)), Is.EqualTo(Plain()));
    }

    [Test]
    public void Nonsense_neither_hurts_the_server_nor_changes_the_run([Range(1, 16)] int seed)
    {
        Emu.Core.State.Prng dice = new((ulong)seed);
        Assert.That(Hash(isLive: true, socket =>
        {
            socket.Send(Encoding.UTF8.GetBytes(Hello));
            for (int i = 0; i < 200; i++)
                socket.Send(Nonsense(ref dice));
        }), Is.EqualTo(Plain()));
    }

    [Test]
    public void Message_without_end_is_not_waited_for()
    {
        Assert.That(Hash(isLive: true, socket =>
        {
            socket.Send("\""u8);
            for (int i = 0; i < 100; i++)
                socket.Send(Enumerable.Repeat((byte)'a', 1000).ToArray());
        }), Is.EqualTo(Plain()));
    }

    /// <summary>Pieces of messages, whole messages with something wrong, and bytes. None of them stops the guest for good: there is no 'stop' and no 'quit' in it.</summary>
    private static byte[] Nonsense(ref Emu.Core.State.Prng dice)
    {
        string[] words =
        [
            "{", "}", "[", "]", ":", ",", "\"", "\"execute\"", "\"arguments\"", "\"id\"", "\"cont\"", "\"memsave\"", "\"pmemsave\"", "\"val\"", "\"size\"", "\"filename\"", "\"human-monitor-command\"",
            "\"command-line\"", "\"query-status\"", "0", "-1", "1e999", "18446744073709551616", "null", "true", "\"\\ud800\"", "\"\\u0000\"", "\n", " ", "\0", "é", "{\"execute\":\"query-commands\"}\n",
            "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"x /", "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"info ", "\"}}", "[[[[[[[[[[[[[[[[[[[[[[[[",
        ];
        StringBuilder text = new();
        for (ulong left = dice.Next() % 12; left > 0; left--)
            text.Append(words[dice.Next() % (ulong)words.Length]);
        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        if (bytes.Length > 0 && dice.Next() % 4 == 0)
            bytes[dice.Next() % (ulong)bytes.Length] = (byte)dice.Next();
        return bytes;
    }

    private static string Command(string name, object? arguments = null) =>
        arguments is null ? $$"""{"execute":"{{name}}"}""" : $$"""{"execute":"{{name}}","arguments":{{System.Text.Json.JsonSerializer.Serialize(arguments)}}}""";

    private static string Monitor(string line) => Command("human-monitor-command", new Dictionary<string, string> { ["command-line"] = line });

    private static ulong Plain()
    {
        using GuestMachine guest = SmallGuest.Create();
        guest.Machine.Run(End);
        return guest.Machine.StateHash();
    }

    /// <summary>Runs a guest to its end beside a client that does something and is gone.</summary>
    private static ulong Hash(bool isLive, Action<Socket> act)
    {
        using GuestMachine guest = SmallGuest.Create();
        using QmpServer server = Serve(guest, isLive, out string address);
        using Socket socket = Connect(address);
        Task client = Task.Run(() =>
        {
            try
            {
                act(socket);
                socket.Shutdown(SocketShutdown.Send);
                byte[] rest = new byte[4096];
                while (socket.Receive(rest) > 0)
                    continue;
            }
            catch (SocketException)
            {
                // The server was gone first.
            }
        });
        RunResult result = default;
        while (!client.IsCompleted || guest.Machine.Clock.Now < End)
            result = server.Run(guest.Machine.Clock.Now < End ? Math.Min(End, guest.Machine.Clock.Now + 20_000) : End);
        client.Wait();
        Assert.That(result.Reason, Is.EqualTo(StopReason.Limit));
        return guest.Machine.StateHash();
    }

    /// <summary>Sends messages, each after the answer to the one before.</summary>
    /// <returns>All that was said: the greeting, answers, events.</returns>
    private static JsonNode[] Talk(bool isLive, params string[] messages)
    {
        using GuestMachine guest = SmallGuest.Create();
        QmpServer server = Serve(guest, isLive, out string address);
        Task<JsonNode[]> client = Task.Run(() =>
        {
            using (Socket socket = Connect(address))
            {
                JsonNode[] said = Say(socket, messages);
                if (messages[^1].Contains("quit", StringComparison.Ordinal))
                    return said;
                socket.Close();
                using Socket next = Connect(address);
                Say(next, Hello, Command("quit"));
                return said;
            }
        });
        while (!server.IsKilled)
            server.Run(ulong.MaxValue);
        server.Dispose();
        return client.Result;
    }

    private static JsonNode[] Say(Socket socket, params string[] messages)
    {
        using StreamReader reader = new(new NetworkStream(socket), Encoding.UTF8);
        List<JsonNode> said = [JsonNode.Parse(reader.ReadLine()!)!];
        foreach (string message in messages)
        {
            socket.Send(Encoding.UTF8.GetBytes(message));
            do
            {
                if (reader.ReadLine() is not { } line)
                    return [.. said];
                said.Add(JsonNode.Parse(line)!);
            }
            while (said[^1]["event"] is not null);
        }

        if (messages[^1].Contains("quit", StringComparison.Ordinal))
            said.Add(JsonNode.Parse(reader.ReadLine()!)!);
        return [.. said];
    }

    private static QmpServer Serve(GuestMachine guest, bool isLive, out string address)
    {
        var listener = DebugListener.Open("--qmp", "0", QmpServer.DefaultPort);
        address = listener.Address;
        Timeline timeline = new(guest, new LiveSource(guest.Machine), [], 64 << 20);
        return new QmpServer(new DebugTarget(guest, timeline, null, isLive, mayChange: false), listener, new Version(7, 1, 2), _ => { });
    }

    private static Socket Connect(string address)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect("127.0.0.1", int.Parse(address.Split(':')[1], CultureInfo.InvariantCulture));
        return socket;
    }
}
