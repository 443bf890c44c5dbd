using System.Text;
using Emu.Core.Host;
using Emu.Core.Machine;

namespace Emu.Core.Tests.Host;

/// <summary>The host side: escapes, pumps, waiting for text, a session from end to end.</summary>
public sealed class HostTests
{
    [TestCase("abc", "abc", false)]
    [TestCase("a\u0001xb", "a", true)]
    [TestCase("\u0001\u0001z\u0001a", "\u0001z\u0001", false)]
    [TestCase("1\u0001q2", "12", false)]
    public void Escapes_are_taken_out_of_what_is_typed(string typed, string kept, bool quit)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(typed);
        var filter = new EscapeFilter();
        int count = filter.Filter(bytes);
        Assert.That((Encoding.ASCII.GetString(bytes, 0, count), filter.Quit), Is.EqualTo((kept, quit)));
    }

    [Test]
    public void An_escape_may_be_split_between_two_reads()
    {
        var filter = new EscapeFilter();
        Assert.That(filter.Filter([1]), Is.Zero);
        Assert.That(filter.Filter([(byte)'x']), Is.Zero);
        Assert.That(filter.Quit, Is.True);
    }

    [Test]
    public void A_source_that_is_disposed_at_once_and_again_ends_like_any_other()
    {
        for (int i = 0; i < 200; i++)
        {
            using MemoryStream stream = new(new byte[10]);
            StreamSource source = new(stream);
            source.Dispose();
            Assert.That(source.Dispose, Throws.Nothing);
            for (byte[] taken = new byte[4]; !source.Ended; source.Take(taken))
                source.Wait(TimeSpan.FromMilliseconds(1));
        }
    }

    [TestCase("aab", "aaab")]
    [TestCase("abab", "xababab")]
    [TestCase("~ # ", "login\n~ # ")]
    public void A_text_stops_the_machine_when_its_last_byte_is_written(string text, string output)
    {
        var stop = new StopLatch();
        var buffer = new BufferSink();
        var watch = new TextWatch(buffer);
        watch.WaitFor(text, stop);
        int end = output.IndexOf(text, StringComparison.Ordinal) + text.Length;
        watch.Write(Encoding.ASCII.GetBytes(output[..(end - 1)]));
        Assert.That(stop.IsRequested, Is.False);
        watch.Write(Encoding.ASCII.GetBytes(output[(end - 1)..end]));
        Assert.That(stop.Take().Reason, Is.EqualTo(StopReason.Text));
        Assert.That(buffer.Text, Is.EqualTo(output[..end]));
    }

    [Test]
    [CancelAfter(20_000)]
    public void A_long_stream_is_taken_in_pieces_of_any_size()
    {
        byte[] sent = [.. Enumerable.Range(0, 50_000).Select(i => (byte)(i * 31 >> 3))];
        using var typed = new MemoryStream(sent);
        using var source = new StreamSource(typed);
        List<byte> taken = [];
        byte[] piece = new byte[1000];
        for (int size = 1; !source.Ended; size = ((size * 7) + 3) % piece.Length)
        {
            int count = source.Take(piece.AsSpan(0, size));
            taken.AddRange(piece.AsSpan(0, count));
            if (count == 0)
                source.Wait(TimeSpan.FromMilliseconds(1));
        }

        Assert.That(taken, Is.EqualTo(sent));
    }

    [Test]
    [CancelAfter(20_000)]
    public void What_is_typed_reaches_the_guest_and_what_it_writes_comes_back()
    {
        using var output = new MemoryStream();
        using var typed = new MemoryStream(Encoding.ASCII.GetBytes("hello\u0001x"));
        using var source = new StreamSource(typed);
        var sink = new StreamSink(output);
        using var machine = new PcMachine(Rig.Small, new MachineOutputs { Serial0 = sink }, parts => new FakeProcessor(parts));
        var cpu = (FakeProcessor)machine.Processor;
        cpu.IdleLoop = true;
        cpu.Handler = _ => Echo(machine);
        foreach ((int port, int value) in new[] { (0x20, 0x11), (0x21, 0x20), (0x21, 4), (0x21, 3), (0x21, 0), (0x3FC, 0x0B), (0x3F9, 1) })
            machine.Parts.Bus.WritePort((ushort)port, 1, (uint)value);
        var session = new ConsoleSession(machine, Pace.Max, source, [sink]);
        Assert.That(session.Run(ulong.MaxValue).Reason, Is.EqualTo(StopReason.None));
        Assert.That(session.Quit, Is.True);
        machine.Run(machine.Clock.Now + 100_000_000);
        sink.Dispose();
        Assert.That(Encoding.ASCII.GetString(output.ToArray()), Is.EqualTo("hello"));
    }

    [Test]
    [CancelAfter(20_000)]
    public void In_real_time_idle_time_passes_as_on_the_host()
    {
        using var rig = new Rig();
        rig.Cpu.Halted = true;
        rig.OutAll((0x43, 0x34), (0x40, 0), (0x40, 0)); // something to wait for
        long start = TimeProvider.System.GetTimestamp();
        var session = new ConsoleSession(rig.Machine, Pace.Realtime, null, []);
        Assert.That(session.Run(100_000_000).Reason, Is.EqualTo(StopReason.Limit));
        Assert.That(TimeProvider.System.GetElapsedTime(start), Is.GreaterThan(TimeSpan.FromMilliseconds(80)));
    }

    private static void Echo(PcMachine machine)
    {
        while ((machine.Parts.Bus.ReadPort(0x3FD, 1) & 1) != 0)
            machine.Parts.Bus.WritePort(0x3F8, 1, machine.Parts.Bus.ReadPort(0x3F8, 1));
    }
}
