using Emu.Core.Worlds;

namespace Emu.Core.Tests.Worlds;

public sealed class LinkTests
{
    private static readonly LinkDescription Plain = new() { Between = ["a", "b"], Latency = 5_000, Bandwidth = 1_000_000_000 };

    [TestCase(1_000_000_000UL, 1000, 8192UL)] // (1000 + 24) * 8 bits, one a tick
    [TestCase(100_000_000UL, 1000, 81_920UL)]
    [TestCase(1_000_000_000UL, 20, 672UL)] // padded to 60: the well-known 672 bits of the shortest frame
    [TestCase(0UL, 1000, 1UL)]
    public void A_frame_arrives_when_it_has_been_sent_and_the_latency_has_passed(ulong bandwidth, int length, ulong ticks)
    {
        var link = new Link(Plain with { Bandwidth = bandwidth }, 0, 1);
        link.Ends[0].Send(100, new byte[length]);
        Assert.That(link.Ends[0].Wires[0].NextArrival, Is.EqualTo(100 + ticks + 5_000));
    }

    [Test]
    public void Frames_wait_for_their_turn_in_one_direction_and_not_in_the_other()
    {
        var link = new Link(Plain, 0, 1);
        link.Ends[0].Send(0, new byte[976]);
        link.Ends[0].Send(10, new byte[976]);
        link.Ends[1].Send(10, new byte[976]);
        Assert.Multiple(() =>
        {
            Assert.That(link.Ends[0].Wires[0].UnderWay.Select(transit => transit.Arrival), Is.EqualTo(new[] { 13_000UL, 21_000UL }));
            Assert.That(link.Ends[1].Wires[0].NextArrival, Is.EqualTo(13_010));
        });
    }

    [Test]
    public void A_sender_that_is_too_fast_is_cut_off_and_the_frames_are_counted()
    {
        var link = new Link(Plain with { Bandwidth = 1_000_000 }, 0, 1);
        for (int i = 0; i < 300; i++)
            link.Ends[0].Send(0, new byte[1518]);
        Assert.That(link.Ends[0].State, Is.EqualTo(new LinkEndState { FreeAt = 257 * 12_336_000UL, Sent = 257, Dropped = 43 }));
    }

    [Test]
    public void Losses_are_drawn_from_the_seed_and_as_many_as_asked_for()
    {
        ulong[] lost = [.. new ulong[] { 1, 1, 2 }.Select(seed =>
        {
            var link = new Link(Plain with { Loss = 250_000 }, 0, seed);
            for (ulong i = 0; i < 10_000; i++)
                link.Ends[0].Send(i * 10_000, new byte[60]);
            return link.Ends[0].Wires[0].State.Lost;
        })];
        Assert.Multiple(() =>
        {
            Assert.That(lost[0], Is.EqualTo(lost[1]));
            Assert.That(lost[0], Is.Not.EqualTo(lost[2]));
            Assert.That(lost, Has.All.InRange(2_300, 2_700)); // a quarter, give or take seven standard deviations
        });
    }

    [Test]
    public void All_other_ends_receive_what_one_sends()
    {
        var link = new Link(Plain with { Between = ["a", "b", "c"] }, 0, 1);
        link.Ends[1].Send(0, new byte[60]);
        Assert.That(link.Ends[1].Wires.Select(wire => (wire.Receiver, wire.UnderWay.Count)), Is.EqualTo(new[] { (0, 1), (2, 1) }));
    }

    [Test]
    public void What_makes_no_sense_is_refused()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => new Link(Plain with { Between = ["a"] }, 0, 1), Refuses("at least two"));
            Assert.That(() => new Link(Plain with { Between = ["a", "a"] }, 0, 1), Refuses("with itself"));
            Assert.That(() => new Link(Plain with { Latency = 999 }, 0, 1), Refuses("1us to 10s"));
            Assert.That(() => new Link(Plain with { Latency = 10_000_000_001 }, 0, 1), Refuses("1us to 10s"));
            Assert.That(() => new Link(Plain with { Loss = 1_000_001 }, 0, 1), Refuses("more than all"));
        });
    }

    private static NUnit.Framework.Constraints.ContainsConstraint Refuses(string why) => Throws.TypeOf<OtherworldException>().With.Message.Contain(why);
}
