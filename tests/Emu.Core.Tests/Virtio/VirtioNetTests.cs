using Emu.Core.Devices.Network;
using Emu.Core.Devices.Virtio;

namespace Emu.Core.Tests.Virtio;

public sealed class VirtioNetTests
{
    private const ulong BufferAt = 0x90000;

    [Test]
    public void The_driver_reads_address_and_status()
    {
        using var bench = new NetBench();
        byte[] address = [.. Enumerable.Range(0, 6).Select(i => (byte)bench.Card.ReadMmio(0x100 + (ulong)i, 1))];
        Assert.Multiple(() =>
        {
            Assert.That(bench.Driver.Read(0x008), Is.EqualTo(1), "a network card");
            Assert.That(address, Is.EqualTo(new byte[] { 0x02, 0xA0, 0xB1, 0xC2, 0xD3, 0xE4 }));
            Assert.That(bench.Card.ReadMmio(0x106, 2), Is.EqualTo(1), "the link is up");
        });
    }

    [Test]
    public void A_frame_leaves_at_the_tick_of_the_notification_however_it_is_cut()
    {
        using var bench = new NetBench(VirtioFeatures.Common);
        byte[] frame = NetBench.Frame(100);
        bench.Driver.Start(2);
        bench.Memory.Write(BufferAt + NetBench.HeaderLength, frame);
        bench.Clock.Now = 1234;
        bench.Driver.Submit(NetBench.Transmit, 0, new GuestBuffer(BufferAt, 5, false), new GuestBuffer(BufferAt + 5, 60, false), new GuestBuffer(BufferAt + 65, 47, false));
        Assert.Multiple(() =>
        {
            Assert.That(bench.Cable.Frames.Select(sent => sent.Tick), Is.EqualTo(new[] { 1234UL }));
            Assert.That(bench.Cable.Frames[0].Frame, Is.EqualTo(frame));
            Assert.That(bench.Driver.TryTakeUsed(NetBench.Transmit, out _, out uint written) ? written : 1, Is.Zero);
            Assert.That((bench.Card.Counters.Sent, bench.Card.Counters.SentBytes), Is.EqualTo((1UL, 100UL)));
        });
    }

    [TestCase(13u)]
    [TestCase(1519u)]
    public void What_is_no_frame_is_counted_and_not_sent(uint length)
    {
        using var bench = new NetBench();
        bench.Driver.Start(2);
        bench.Driver.Submit(NetBench.Transmit, 0, new GuestBuffer(BufferAt, NetBench.HeaderLength + length, false));
        Assert.Multiple(() =>
        {
            Assert.That(bench.Cable.Frames, Is.Empty);
            Assert.That(bench.Card.Counters.BadLength, Is.EqualTo(1));
            Assert.That(bench.Driver.TryTakeUsed(NetBench.Transmit, out _, out _), "the buffer comes back");
        });
    }

    [Test]
    public void A_request_without_a_whole_header_is_a_fault()
    {
        using var bench = new NetBench();
        bench.Driver.Start(2);
        bench.Driver.Submit(NetBench.Transmit, 0, new GuestBuffer(BufferAt, 11, false));
        Assert.That(bench.Card.Faults, Is.EqualTo((1u, VirtioFault.Request)));
    }

    [Test]
    public void A_frame_arrives_in_one_buffer_with_an_interrupt()
    {
        using var bench = new NetBench();
        byte[] frame = NetBench.Frame(EthernetFrame.MaxLength);
        bench.Driver.Start(2);
        bench.Driver.Submit(NetBench.Receive, 0, new GuestBuffer(BufferAt, 2048, true));
        bench.Card.Receive(frame);
        Assert.Multiple(() =>
        {
            Assert.That(bench.Driver.TryTakeUsed(NetBench.Receive, out _, out uint written) ? written : 0, Is.EqualTo(NetBench.HeaderLength + frame.Length));
            Assert.That(bench.Read(BufferAt, NetBench.HeaderLength), Is.EqualTo(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 }));
            Assert.That(bench.Read(BufferAt + NetBench.HeaderLength, frame.Length), Is.EqualTo(frame));
            Assert.That(bench.Line.Level);
        });
    }

    [Test]
    public void Small_buffers_are_merged_when_the_driver_allows_it()
    {
        using var bench = new NetBench(NetBench.FeatureMergeBuffers);
        byte[] frame = NetBench.Frame(250);
        bench.Driver.Start(2);
        for (int i = 0; i < 3; i++)
            bench.Driver.Submit(NetBench.Receive, i, new GuestBuffer(BufferAt + (100UL * (uint)i), 100, true));
        bench.Card.Receive(frame);
        uint[] written = [.. Enumerable.Range(0, 3).Select(i => bench.Driver.TryTakeUsed(NetBench.Receive, out _, out uint count) ? count : 0u)];
        Assert.Multiple(() =>
        {
            Assert.That(written, Is.EqualTo(new uint[] { 100, 100, 62 }));
            Assert.That(bench.Read(BufferAt, NetBench.HeaderLength)[10], Is.EqualTo(3), "num_buffers");
            Assert.That(bench.Read(BufferAt + NetBench.HeaderLength, frame.Length), Is.EqualTo(frame));
        });
    }

    [Test]
    public void Too_few_buffers_lose_the_frame_and_stay_for_the_next()
    {
        using var bench = new NetBench(NetBench.FeatureMergeBuffers);
        bench.Driver.Start(2);
        for (int i = 0; i < 2; i++)
            bench.Driver.Submit(NetBench.Receive, i, new GuestBuffer(BufferAt + (100UL * (uint)i), 100, true));
        bench.Card.Receive(NetBench.Frame(189));
        bool none = !bench.Driver.TryTakeUsed(NetBench.Receive, out _, out _);
        bench.Card.Receive(NetBench.Frame(188));
        Assert.Multiple(() =>
        {
            Assert.That(none);
            Assert.That((bench.Card.Counters.NoRoom, bench.Card.Counters.Received), Is.EqualTo((1UL, 1UL)));
            Assert.That(bench.Driver.TryTakeUsed(NetBench.Receive, out _, out _) && bench.Driver.TryTakeUsed(NetBench.Receive, out _, out _), "both were used");
        });
    }

    [Test]
    public void Without_merging_a_short_buffer_is_not_used()
    {
        using var bench = new NetBench();
        bench.Driver.Start(2);
        bench.Driver.Submit(NetBench.Receive, 0, new GuestBuffer(BufferAt, 100, true));
        bench.Driver.Submit(NetBench.Receive, 1, new GuestBuffer(BufferAt + 100, 100, true));
        bench.Card.Receive(NetBench.Frame(150));
        Assert.That((bench.Card.Counters.NoRoom, bench.Driver.TryTakeUsed(NetBench.Receive, out _, out _)), Is.EqualTo((1UL, false)));
    }

    [Test]
    public void Before_the_driver_is_there_frames_are_lost()
    {
        using var bench = new NetBench();
        bench.Card.Receive(NetBench.Frame(60));
        Assert.That((bench.Card.Counters.NoRoom, bench.Line.Level), Is.EqualTo((1UL, false)));
    }

    [Test]
    public void Buffers_over_the_descriptors_of_the_next_harm_only_the_driver()
    {
        using var bench = new NetBench(NetBench.FeatureMergeBuffers);
        bench.Driver.Start(2);
        // The first buffer lies over descriptor 1, which the frame turns into one that points nowhere.
        bench.Driver.Submit(NetBench.Receive, 0, new GuestBuffer(TestDriver<VirtioNet.State>.DescBase + 16 - NetBench.HeaderLength, 100, true));
        bench.Driver.Submit(NetBench.Receive, 1, new GuestBuffer(BufferAt, 100, true));
        byte[] frame = new byte[150];
        frame.AsSpan().Fill(0xFF);
        bench.Card.Receive(frame);
        Assert.That(bench.Card.Faults.Count, Is.EqualTo(1));
    }

    [TestCase("02:00:00:00:00:01", 0x0200_0000_0001UL)]
    [TestCase("52:54:00:AB:cd:ef", 0x5254_00AB_CDEFUL)]
    public void Addresses_are_read_and_written(string text, ulong value)
    {
        MacAddress address = MacAddress.Parse(text);
        Assert.That((address.Value, address.ToString()), Is.EqualTo((value, text.ToLowerInvariant())));
    }

    [TestCase("")]
    [TestCase("02:00:00:00:00")]
    [TestCase("02:00:00:00:00:1")]
    [TestCase("02:00:00:00:00:0g")]
    [TestCase("01:00:00:00:00:01")]
    [TestCase("00:00:00:00:00:00")]
    [TestCase("02:00:00:00:00:01:02")]
    public void What_no_card_can_have_is_refused(string text) => Assert.That(() => MacAddress.Parse(text), Throws.TypeOf<OtherworldException>());
}
