using Otherworld.Guest.Experiments;
using Otherworld.Guest.Observing;
using static System.Tests.Resurrection.WitnessGuest;

namespace System.Tests.Resurrection;

/// <summary>A server's connection to a client in another machine is damaged when the kernel dies: what went over the wire says the rest.</summary>
[TestFixture]
public sealed class ConnectionTests
{
    /// <summary>No address.</summary>
    private const ulong Damage = 0x10;

    /// <summary><c>TCP_ESTABLISHED</c> of include/net/tcp_states.h.</summary>
    private const byte Established = 1;

    /// <summary>A request has come, and is acknowledged, and what led to it is lost: the packet is still where the network card has put it.</summary>
    [TestCase("head")]
    [TestCase("len")]
    public void An_acknowledged_request_is_found_in_its_packet(string damaged)
    {
        using DemoRun run = new(new DemoOptions { Image = Images.Debian, App = DemoApp.Apache, Observer = new ObserverSettings() });
        using WitnessGuest guest = Serve(run);
        guest.Overwrite(BufferOf(guest, RunToUnreadRequest(guest)) + OffsetOf("sk_buff", damaged), Damage);
        guest.Kill();
        Assert.That(run.Revive(0), Is.Null, guest.Tail());
        Assert.That(Losses(guest), Is.Empty, guest.Tail());
        Assert.That(run.Verify(0), Is.Null, guest.Tail());
    }

    /// <summary>One byte more is acknowledged than packets have brought: nothing is guessed.</summary>
    [Test]
    public void A_byte_that_is_in_no_packet_ends_the_connection()
    {
        using DemoRun run = new(new DemoOptions { Image = Images.Debian, App = DemoApp.Apache, Observer = new ObserverSettings() });
        using WitnessGuest guest = Serve(run);
        ulong sock = RunToUnreadRequest(guest);
        foreach (string number in (string[])["rcv_nxt", "rcv_wup"])
            guest.Overwrite(sock + OffsetOf("tcp_sock", number), guest.Word(sock + OffsetOf("tcp_sock", number)) + 1);
        guest.Overwrite(BufferOf(guest, sock) + OffsetOf("sk_buff", "head"), Damage);
        guest.Kill();
        Assert.That(run.Revive(0), Is.Null, guest.Tail());
        Assert.That(Losses(guest), Is.EqualTo(new[] { "connection" }), guest.Tail());
    }

    /// <summary>A reply has been sent, and what says where its bytes are is lost: the packet that the network card was given has them, too.</summary>
    /// <remarks>That is so as long as the packet, which the card has given back, is not used again. The first one of this run is not found.</remarks>
    /// <param name="whole">Whether that has all of them: if not, nothing is guessed.</param>
    [TestCase(true)]
    [TestCase(false)]
    public void A_reply_that_was_sent_is_found_in_its_packet(bool whole)
    {
        const ulong programHeader = 0xa4638, address = 0x4a4638;
        using DemoRun run = new(new DemoOptions { Image = Images.Debian, App = DemoApp.Apache, Observer = new ObserverSettings() });
        using WitnessGuest guest = Serve(run);
        ulong sock = RunToSentReply(guest, passed: 1);
        ulong buffer = guest.Word(sock + OffsetOf("sock", "tcp_rtx_queue")) - OffsetOf("sk_buff", "rbnode");
        ulong shared = guest.Word(buffer + OffsetOf("sk_buff", "head")) + (uint)guest.Word(buffer + OffsetOf("sk_buff", "end"));
        guest.Overwrite(shared, programHeader);
        guest.Overwrite(shared + OffsetOf("skb_shared_info", "frag_list"), address);
        guest.Overwrite(shared + OffsetOf("skb_shared_info", "frags") + OffsetOf("bio_vec", "bv_len"), Damage);
        ulong[] ends = [buffer + OffsetOf("sk_buff", "len"), sock + OffsetOf("tcp_sock", "write_seq"), sock + OffsetOf("tcp_sock", "snd_nxt")];
        foreach (ulong end in whole ? [] : ends)
            guest.Overwrite(end, guest.Word(end) + 1);
        guest.Kill();
        Assert.That(run.Revive(0), Is.Null, guest.Tail());
        Assert.That(Losses(guest), Is.EqualTo(whole ? [] : new[] { "connection" }), guest.Tail());
        if (whole)
            Assert.That(run.Verify(0), Is.Null, guest.Tail());
    }

    /// <summary>
    /// The network card was told of nothing any more, and the kernel has waited longer for an acknowledgement each time: the next one does not. A client without selective acknowledgements gets no
    /// probe for what was sent last, either.
    /// </summary>
    [Test]
    public void A_reply_that_did_not_arrive_is_sent_again_soon()
    {
        const ulong returnFalse = 0xc3c031, bytes = 0xffffff, minute = 6000, selective = 0x70;
        using DemoRun run = new(new DemoOptions { Image = Images.Debian, App = DemoApp.Apache, Observer = new ObserverSettings() });
        using WitnessGuest guest = Serve(run);
        ulong place = guest.Symbols.AddressOf("virtqueue_kick_prepare");
        guest.Overwrite(place, (guest.Word(place) & ~bytes) | returnFalse);
        ulong sock = RunToSentReply(guest);
        ulong timeout = sock + OffsetOf("inet_connection_sock", "icsk_rto");
        guest.Overwrite(timeout, (guest.Word(timeout) & ~(ulong)uint.MaxValue) | minute);
        ulong options = sock + OffsetOf("tcp_sock", "rx_opt.rcv_tsecr") + 4; // bits, of which sack_ok is the fifth and two more
        guest.Overwrite(options, guest.Word(options) & ~selective);
        guest.Kill();
        Assert.That(run.Revive(0), Is.Null, guest.Tail());
        Assert.That(Losses(guest), Is.Empty, guest.Tail());
        Assert.That(run.Verify(0), Is.Null, guest.Tail());
    }

    private static WitnessGuest Serve(DemoRun run)
    {
        WitnessGuest guest = WitnessGuest.Of(run);
        Assert.That(run.StartPrograms() ?? run.StartWork(0), Is.Null, guest.Tail());
        return guest;
    }

    /// <summary>Runs to where somebody is about to read what has been acknowledged; answers the socket.</summary>
    private static ulong RunToUnreadRequest(WitnessGuest guest)
    {
        for (int calls = 0; ; calls++)
        {
            Assert.That(calls, Is.LessThan(1000), "nothing is acknowledged before it is read");
            guest.RunTo("tcp_recvmsg_locked");
            ulong sock = guest.Parameter;
            if ((byte)guest.Word(sock + OffsetOf("sock_common", "skc_state")) == Established && BufferOf(guest, sock) != sock + OffsetOf("sock", "sk_receive_queue") && Number(guest, sock, "rcv_wup") == Number(guest, sock, "rcv_nxt")
                && Number(guest, sock, "copied_seq") != Number(guest, sock, "rcv_nxt"))
                return sock;
        }
    }

    /// <summary>Runs to the system call behind one that has sent something, of which nothing is acknowledged; answers the socket.</summary>
    /// <param name="passed">How many of these are let pass first.</param>
    private static ulong RunToSentReply(WitnessGuest guest, int passed = 0)
    {
        for (int calls = 0; ; calls++)
        {
            Assert.That(calls, Is.LessThan(1000), "everything is acknowledged at once");
            guest.RunTo("__tcp_push_pending_frames");
            ulong sock = guest.Parameter;
            guest.RunTo("do_syscall_64");
            if ((byte)guest.Word(sock + OffsetOf("sock_common", "skc_state")) == Established && guest.Word(sock + OffsetOf("sock", "tcp_rtx_queue")) != 0
                && Number(guest, sock, "snd_una") != Number(guest, sock, "snd_nxt") && Number(guest, sock, "snd_nxt") == Number(guest, sock, "write_seq") && passed-- == 0)
                return sock;
        }
    }

    /// <summary>The first buffer in the queue of what was received; a buffer is linked by its first member.</summary>
    private static ulong BufferOf(WitnessGuest guest, ulong sock) => guest.Word(sock + OffsetOf("sock", "sk_receive_queue"));

    private static uint Number(WitnessGuest guest, ulong sock, string member) => (uint)guest.Word(sock + OffsetOf("tcp_sock", member));

    private static IEnumerable<string> Losses(WitnessGuest guest) => guest.Marks.Where(mark => mark.Name == "degraded").Select(mark => mark.Values["what"]);
}
