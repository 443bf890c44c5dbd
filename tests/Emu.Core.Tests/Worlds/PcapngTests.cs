using System.Buffers.Binary;
using System.Text;
using Emu.Core.Host;
using Emu.Core.Worlds;

namespace Emu.Core.Tests.Worlds;

public sealed class PcapngTests
{
    private static readonly LinkDescription Link = new() { Between = ["server", "client"] };

    [Test]
    public void Blocks_are_as_the_format_says()
    {
        List<(uint Type, byte[] Body)> blocks = Blocks(writer =>
        {
            writer.Sent(new SentFrame(5_000_000_007, 0, 0, new byte[] { 1, 2, 3, 4, 5 }, [1]));
            writer.Settled(6_000_000_000);
        });
        byte[] packet = blocks[2].Body;
        ulong time = ((ulong)Word(packet, 4) << 32) | Word(packet, 8);
        Assert.Multiple(() =>
        {
            Assert.That(blocks.Select(block => block.Type), Is.EqualTo(new uint[] { 0x0A0D0D0A, 1, 6 }));
            Assert.That(Word(blocks[0].Body, 0), Is.EqualTo(0x1A2B3C4D));
            Assert.That(Word(blocks[1].Body, 0), Is.EqualTo(1), "Ethernet");
            Assert.That(Encoding.UTF8.GetString(blocks[1].Body), Does.Contain("server-client"));
            Assert.That(time, Is.EqualTo(100_000_000_000UL + 5_000_000_007));
            Assert.That((Word(packet, 12), Word(packet, 16)), Is.EqualTo((5u, 5u)), "captured and original length");
            Assert.That(packet.AsSpan(20, 8).ToArray(), Is.EqualTo(new byte[] { 1, 2, 3, 4, 5, 0, 0, 0 }));
            Assert.That(Encoding.UTF8.GetString(packet), Does.Contain("lost on the way to client"));
        });
    }

    [Test]
    public void Frames_of_a_quantum_are_put_in_order()
    {
        List<(uint Type, byte[] Body)> blocks = Blocks(writer =>
        {
            foreach (ulong tick in (ulong[])[10, 30, 20, 30])
                writer.Sent(new SentFrame(tick, 0, 0, new byte[] { (byte)tick }, []));
            writer.Settled(40);
        });
        Assert.That(blocks.Skip(2).Select(block => (int)block.Body[20]), Is.EqualTo(new[] { 10, 20, 30, 30 }));
    }

    [Test]
    public void The_file_does_not_depend_on_the_quantum()
    {
        byte[] one = Capture(null), other = Capture(beat => 1 + (beat / 7));
        Assert.That(one, Has.Length.GreaterThan(1000).And.EqualTo(other));
    }

    private static byte[] Capture(Func<ulong, ulong>? quantum)
    {
        var stream = new MemoryStream();
        using var writer = new PcapngWriter(stream, [Link, Link], 0);
        using var test = new TestWorld(12, quantum, writer);
        test.World.Run(10_000_000);
        return stream.ToArray();
    }

    private static List<(uint Type, byte[] Body)> Blocks(Action<PcapngWriter> write)
    {
        var stream = new MemoryStream();
        using (var writer = new PcapngWriter(stream, [Link], 100))
            write(writer);
        byte[] file = stream.ToArray();
        var blocks = new List<(uint, byte[])>();
        for (int at = 0; at < file.Length;)
        {
            int length = (int)Word(file, at + 4);
            Assert.That(length % 4, Is.Zero);
            Assert.That(Word(file, at + length - 4), Is.EqualTo(length), "the length stands behind the body too");
            blocks.Add((Word(file, at), file[(at + 8)..(at + length - 4)]));
            at += length;
        }

        return blocks;
    }

    private static uint Word(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
}
