using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Emu.Core.Machine;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Debugging;

namespace Otherworld.Guest.Tests.Debugging;

/// <summary>The server by its packets, as a debugger and as what is none.</summary>
public sealed class GdbServerTests
{
    private const ulong End = 500_000;

    [Test]
    public void Registers_and_memory_are_read_written_and_stepped()
    {
        Assert.That(Talk(["?", "m1000,4", "p10", "s", "p10", "P0=4100000000000000", "p0", "M5000,2:3412", "m5000,2", "mffffffffffff,4", "k"]), Is.EqualTo(new[]
        {
            "T05thread:01;", "b011e620", "0010000000000000", "T05thread:01;", "0210000000000000", "OK", "4100000000000000", "OK", "3412", "E0e",
        }));
    }

    [Test]
    public void Breakpoints_watchpoints_and_the_way_back()
    {
        string[] answers = Talk(["qSupported:swbreak+;hwbreak+", "Z0,1100,1", "c", "Z2,5000,2", "c", "bs", "bc", "z0,1100,1", "z2,5000,2", "bc", "k"]);
        Assert.That(answers[0], Does.Contain("ReverseContinue+").And.Contain("swbreak+"));
        Assert.That(answers[1..], Is.EqualTo(new[]
        {
            "OK", "T05swbreak:;thread:01;", "OK", "T05watch:5000;thread:01;", "T05thread:01;", "T05replaylog:begin;thread:01;", "OK", "OK", "T05replaylog:begin;thread:01;",
        }));
    }

    [Test]
    public void Recorded_run_takes_writes_where_a_tick_has_one_place_only()
    {
        string[] answers = Talk(["P0=4100000000000000", "Z0,1100,1", "c", "P0=4200000000000000", "M5000,2:3412", "s", "P0=4200000000000000", "M5000,2:3412", "m5000,2", "k"], isRecorded: true);
        Assert.That(answers.Select(answer => answer.Split('.')[0]), Is.EqualTo((string[])["OK", "OK", "T05thread:01;", "E", "E", "T05thread:01;", "OK", "OK", "3412"]));
    }

    [Test]
    public void The_description_fits_the_register_packet()
    {
        string[] answers = Talk(["qXfer:features:read:target.xml:0,3fff", "g", "qXfer:features:read:other.xml:0,10", "k"]);
        System.Xml.Linq.XElement target = System.Xml.Linq.XDocument.Parse(answers[0][1..]).Root!;
        int bits = target.Descendants("reg").Sum(register => int.Parse(register.Attribute("bitsize")!.Value, CultureInfo.InvariantCulture));
        Assert.That(answers[0][0], Is.EqualTo('l'));
        Assert.That(answers[1], Has.Length.EqualTo(bits / 4));
        Assert.That(answers[2], Is.EqualTo("E00"));
    }

    [Test]
    public void A_detached_debugger_leaves_the_run_as_it_would_have_been()
    {
        Assert.That(Hash(client => Send(client, "Z0,1100,1", "c", "D")), Is.EqualTo(Plain()));
    }

    [Test]
    public void A_debugger_that_vanishes_in_the_middle_of_a_packet_is_forgotten()
    {
        Assert.That(Hash(client => client.Send("$Z0,1100,1#b2$m10"u8)), Is.EqualTo(Plain()));
    }

    /// <summary>Whether the debugger at the end of a run detaches, is gone, or goes on and is gone before anybody looks: the run has ended there.</summary>
    [TestCase("$D#44")]
    [TestCase("")]
    [TestCase("$c#63")]
    public void A_run_that_has_ended_does_not_go_on_without_the_debugger(string last)
    {
        using GuestMachine guest = SmallGuest.Create();
        guest.Machine.Memory.Write(SmallGuest.Origin, (byte[])[0xB0, 42, 0xE6, 0xF4, 0xEB, 0xFE]); // mov al, 42; out 0F4h, al; jmp $
        using GdbServer server = Serve(guest, out string address);
        Task client = Task.Run(() =>
        {
            using Socket socket = Connect(address);
            Send(socket, "c");
            socket.Send(Encoding.ASCII.GetBytes(last));
        });
        RunResult result = server.Run(End); // waits for the debugger
        while (result.Reason == StopReason.Limit && guest.Machine.Clock.Now < End)
        {
            client.Wait(TimeSpan.FromMilliseconds(20)); // so that its last packet and its end arrive together
            result = server.Run(End);
        }

        client.Wait();
        Assert.That((result.Reason, result.Value), Is.EqualTo((StopReason.DebugExit, 42u)));
    }

    [Test]
    public void Nonsense_neither_hurts_the_server_nor_changes_the_run([Range(1, 12)] int seed)
    {
        // No seed of these sends a whole packet that writes: 'G', 'M', 'P' and 'X' are left out of the letters.
        Emu.Core.State.Prng dice = new((ulong)seed);
        Assert.That(Hash(client =>
        {
            for (int i = 0; i < 400; i++)
                client.Send(Nonsense(ref dice));
        }), Is.EqualTo(Plain()));
    }

    private static byte[] Nonsense(ref Emu.Core.State.Prng dice)
    {
        const string letters = "?gpmzZcsHTDqvQ,;:=0123456789abcdef*#}$+-\x03";
        int length = (int)(dice.Next() % 40);
        StringBuilder body = new(dice.Next() % 8 == 0 ? "vCont;" : "");
        for (int i = 0; i < length; i++)
            body.Append(letters[(int)(dice.Next() % (ulong)letters.Length)]);
        byte[] bytes = Encoding.Latin1.GetBytes(body.ToString());
        return dice.Next() % 4 == 0 ? bytes : [(byte)'$', .. bytes, .. Encoding.ASCII.GetBytes($"#{bytes.Sum(value => value) & 0xFF:x2}")];
    }

    private static ulong Plain()
    {
        using GuestMachine guest = SmallGuest.Create();
        guest.Machine.Run(End);
        return guest.Machine.StateHash();
    }

    /// <summary>Runs a guest to its end beside a client that does something and is gone.</summary>
    private static ulong Hash(Action<Socket> debugger)
    {
        using GuestMachine guest = SmallGuest.Create();
        using GdbServer server = Serve(guest, out string address);
        Task client = Task.Run(() =>
        {
            using Socket socket = Connect(address);
            byte[] rest = new byte[4096];
            try
            {
                debugger(socket);
                socket.Shutdown(SocketShutdown.Send);
                while (socket.Receive(rest) > 0)
                    continue;
            }
            catch (SocketException)
            {
                // The server was gone first.
            }
        });
        RunResult result;
        do
            result = server.Run(End);
        while (result.Reason == StopReason.Limit && guest.Machine.Clock.Now < End);
        server.Dispose();
        client.Wait();
        Assert.That(result.Reason, Is.EqualTo(StopReason.Limit));
        return guest.Machine.StateHash();
    }

    /// <summary>Sends packets, each after the answer to the one before.</summary>
    private static string[] Talk(string[] packets, bool isRecorded = false)
    {
        using GuestMachine guest = SmallGuest.Create();
        using GdbServer server = Serve(guest, out string address, isRecorded);
        Task<string[]> client = Task.Run(() =>
        {
            using Socket socket = Connect(address);
            return Send(socket, packets);
        });
        while (!server.IsKilled && !client.IsCompleted)
            server.Run(End);
        return client.Result;
    }

    private static string[] Send(Socket socket, params string[] packets)
    {
        List<string> answers = [];
        using NetworkStream stream = new(socket);
        foreach (string packet in packets)
        {
            byte[] bytes = Encoding.Latin1.GetBytes(packet);
            stream.Write([(byte)'$', .. bytes, .. Encoding.ASCII.GetBytes($"#{bytes.Sum(value => value) & 0xFF:x2}")]);
            if (packet != "k")
                answers.Add(Receive(stream));
        }

        return [.. answers];
    }

    /// <summary>The next packet, its escapes resolved.</summary>
    private static string Receive(NetworkStream stream)
    {
        PacketReader reader = new();
        while (true)
        {
            int value = stream.ReadByte();
            Assert.That(value, Is.GreaterThanOrEqualTo(0), "the server is gone");
            if (reader.Feed((byte)value) != PacketKind.Packet)
                continue;
            string text = Encoding.Latin1.GetString(reader.Packet);
            if (text[0] != 'O' || text == "OK")
                return text;
        }
    }

    private static GdbServer Serve(GuestMachine guest, out string address, bool isRecorded = false)
    {
        GdbListener listener = GdbListener.Open("0");
        address = listener.Address;
        Timeline timeline = new(guest, new LiveSource(guest.Machine), [], 64 << 20);
        return new GdbServer(new DebugTarget(guest, timeline, null, isLive: true, mayChange: true) { IsRecorded = isRecorded }, listener, _ => { });
    }

    private static Socket Connect(string address)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect("127.0.0.1", int.Parse(address.Split(':')[1], CultureInfo.InvariantCulture));
        return socket;
    }
}
