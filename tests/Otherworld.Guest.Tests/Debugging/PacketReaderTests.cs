using System.Text;
using Otherworld.Guest.Debugging;

namespace Otherworld.Guest.Tests.Debugging;

/// <summary>Bytes to packets, and bytes that are none.</summary>
public sealed class PacketReaderTests
{
    [Test]
    public void A_packet_is_read_with_its_escapes()
    {
        Assert.That(Read("$m10,4#2e"), Is.EqualTo("Packet"));
        Assert.That(Read("+$X0,1:}\x03#9f"), Is.EqualTo("Packet"));
    }

    [TestCase("$m10,4#00", "Damaged")]
    [TestCase("$m10,4#zz", "Damaged")]
    [TestCase("-", "Resend")]
    [TestCase("\x03", "Interrupt")]
    [TestCase("++garbage", "")]
    [TestCase("$never ends", "")]
    [TestCase("$lost$?#3f", "Packet")]
    public void Everything_else_is_what_it_is(string text, string wanted) => Assert.That(Read(text), Is.EqualTo(wanted));

    [Test]
    public void A_packet_without_end_takes_no_more_memory_and_the_next_one_is_read()
    {
        PacketReader reader = new();
        reader.Feed((byte)'$');
        for (int i = 0; i < 1_000_000; i++)
            Assert.That(reader.Feed((byte)'a'), Is.EqualTo(PacketKind.None));
        Assert.That(Feed(reader, "#00"), Is.EqualTo("Damaged"));
        Assert.That(Feed(reader, "$?#3f"), Is.EqualTo("Packet"));
        Assert.That(Encoding.Latin1.GetString(reader.Packet), Is.EqualTo("?"));
    }

    private static string Read(string text) => Feed(new PacketReader(), text);

    private static string Feed(PacketReader reader, string text) =>
        string.Join(' ', Encoding.Latin1.GetBytes(text).Select(reader.Feed).Where(kind => kind != PacketKind.None));
}
