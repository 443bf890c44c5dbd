using Emu.X86.State;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Inspection;
using static System.Tests.Resurrection.WitnessGuest;

namespace System.Tests.Resurrection;

/// <summary>
/// A kernel dies where it hides how far a system call was: what the call has moved already must not be moved again, and none of it may get lost. Each place is one
/// at which a process lost data, or was lost, before.
/// </summary>
[TestFixture]
public sealed class HiddenProgressTests
{
    /// <summary>With more input waiting than the caller has asked for, the line discipline is asked a second time, for nothing. What it gave the first time counts.</summary>
    [TestCase("n_tty_read")]
    [TestCase("n_tty_read+0x1b")]
    [TestCase("n_tty_read+0x4d")]
    [TestCase("n_tty_read+0x5b")]
    public void A_read_keeps_what_a_terminal_gave_while_it_asks_for_more(string place)
    {
        const string scenario = "call-terminal-read";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("n_tty_read");
        guest.RunTo("n_tty_read");
        guest.StepTo(place);
        Assert.That(CallTests.Die(guest, scenario), Is.EqualTo("ok 5"), guest.Tail());
    }

    /// <summary>
    /// A key is on its way from the driver to the line discipline, whose reader may have it before the driver counts it as given. Wherever the kernel dies on that way, the shell gets
    /// the key once.
    /// </summary>
    [Test]
    public void A_key_is_typed_once_wherever_its_kernel_dies()
    {
        const int apart = 12; // of some hundred places
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.TypeOn(0, "echo n=$((");
        guest.Press("7");
        guest.RunTo("flush_to_ldisc");
        GuestMoment start = guest.Now();
        IReadOnlyList<ulong> places = guest.Places(() => guest.IsIn("process_one_work"));
        List<string> failures = [];
        int deaths = 0;
        for (int i = 0; i < places.Count; i += apart)
        {
            guest.GoBackTo(start);
            guest.RunInstructions(places[i] - guest.Icount);
            string place = guest.Place;
            if (!guest.TryKill())
                continue;
            guest.WaitForGate();
            deaths++;
            string said = guest.Ask("))");
            if (!said.Contains("n=7\r\n", StringComparison.Ordinal))
                failures.Add($"{place}: {said}");
        }

        Assert.That(deaths, Is.GreaterThan(10));
        Assert.That(failures, Is.Empty, string.Join('\n', failures));
    }

    /// <summary>The line discipline has let go of a byte, and its reader sleeps before it has it: for a lock that somebody took and did not give back.</summary>
    [Test]
    public void A_key_in_hand_outlives_a_wait_for_a_lock()
    {
        const ulong millisecond = 1_000_000;
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.TypeOn(0, "echo n=$((");
        guest.Press("7");
        guest.RunTo("tty_unthrottle_safe");
        ulong owner = guest.Parameter + OffsetOf("tty_struct", "throttle_mutex.owner");
        guest.Overwrite(owner, guest.Symbols.AddressOf("init_task"));
        guest.Pass(millisecond);
        guest.RunToInterruptHandler();
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.Ask("))"), Does.Contain("n=7\r\n"), guest.Tail());
    }

    /// <summary>
    /// The copy of a second piece has met a page that is not there, and the way into the kernel's own handler is broken: it faults again in itself, or has cleared the pointer to the
    /// frames, or pushed a part of the registers. The first piece is gone from the pipe.
    /// </summary>
    [TestCase("asm_exc_page_fault")]
    [TestCase("error_entry+0x6")]
    [TestCase("error_entry+0x3d")]
    [TestCase("error_entry+0x6a")]
    public void The_way_into_the_kernel_hides_no_call(string place)
    {
        const string scenario = "call-pipe-read-fresh";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("pipe_read");
        guest.RunTo("copy_page_to_iter");
        guest.ReturnTo("pipe_read");
        guest.RunTo("copy_page_to_iter");
        guest.RunTo("asm_exc_page_fault");
        guest.StepTo(place);
        Assert.That(CallTests.Die(guest, scenario), Is.EqualTo("ok 4096"), guest.Tail());
    }

    /// <summary>Linux has a fixup for an instruction that may fault on user memory. An invalid opcode there is the kernel's fault, and not to be answered by it.</summary>
    [Test]
    public void An_invalid_opcode_is_no_bad_address_of_the_process()
    {
        const string scenario = "call-pipe-read";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("pipe_read");
        guest.RunTo("copy_user_generic_string");
        guest.StepTo("copy_user_generic_string+0x2c");
        Assert.That(guest.TryKill(), Is.True, guest.Tail());
        guest.WaitForGate();
        Assert.That(guest.WaitForVerdict(scenario), Is.EqualTo("ok 5000"), guest.Tail());
    }

    /// <summary>A piece of a stream that is copied, and in the length of its buffer, but not yet in its pages: it goes again, and nothing of the connection is lost.</summary>
    [Test]
    public void A_segment_that_is_half_filled_costs_no_connection()
    {
        const string scenario = "call-tcp-write";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("tcp_sendmsg_locked");
        guest.RunTo("_copy_from_iter");
        guest.ReturnTo("tcp_sendmsg_locked");
        GuestMoment copied = guest.Now();
        List<string> failures = [];
        for (ulong further = 8; further <= 56; further += 8)
        {
            guest.GoBackTo(copied);
            guest.RunInstructions(further);
            string place = guest.Place;
            string outcome = CallTests.Die(guest, scenario);
            if (!outcome.StartsWith("ok ", StringComparison.Ordinal))
                failures.Add($"{place}: {outcome}\n{guest.Tail()}");
        }

        Assert.That(failures, Is.Empty, string.Join('\n', failures));
    }

    /// <summary>Behind the read of a socket vfs_read() has a check of its own, which a wrong answer fails. What has been read is in the caller's buffer, and nowhere else: it is not asked for again.</summary>
    [Test]
    public void A_read_that_has_come_back_is_not_issued_again()
    {
        const string scenario = "call-tcp-read";
        const ulong queued = unchecked((ulong)-529); // EIOCBQUEUED
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("sock_read_iter");
        guest.ReturnTo("vfs_read");
        guest.SetRegister(GeneralRegister.Rax, queued);
        guest.RunToDeath();
        guest.WaitForGate();
        Assert.That(guest.WaitForVerdict(scenario), Does.StartWith("ok "), guest.Tail());
    }

    /// <summary>A segment that moves from what is not sent to what is not acknowledged is in neither for a moment: only the processor knows of it.</summary>
    [Test]
    public void A_segment_between_two_queues_is_sent()
    {
        const string scenario = "call-tcp-write";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("tcp_sendmsg_locked");
        guest.RunTo("tcp_rbtree_insert");
        Assert.That(CallTests.Die(guest, scenario), Does.StartWith("ok "), guest.Tail());
        Assert.That(guest.Marks.Any(mark => mark.Name == "degraded"), Is.False, guest.Tail());
    }

    /// <summary>
    /// Where the bytes of a segment are is overwritten while the call that sends them is still at it: they are in the caller's memory, and where they were copied to. If the two differ
    /// nobody can tell which are right, and the connection ends.
    /// </summary>
    /// <param name="same">Whether they do not.</param>
    [TestCase(true)]
    [TestCase(false)]
    public void A_damaged_segment_of_the_call_that_ran_is_made_again(bool same)
    {
        const string scenario = "call-tcp-write";
        const ulong damage = 0x0a08_0101_0000_2f14; // options of TCP, as they were found there
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("tcp_sendmsg_locked");
        guest.RunTo("__tcp_transmit_skb");
        ulong buffer = guest.Word(guest.Parameter + OffsetOf("sock", "sk_write_queue")); // it is linked by its first member
        ulong shared = guest.Word(buffer + OffsetOf("sk_buff", "head")) + (uint)guest.Word(buffer + OffsetOf("sk_buff", "end"));
        ulong page = shared + OffsetOf("skb_shared_info", "frags") + OffsetOf("bio_vec", "bv_page");
        ulong place = shared + OffsetOf("skb_shared_info", "frags") + OffsetOf("bio_vec", "bv_len");
        if (!same)
            guest.Overwrite(DirectMapOf(guest.Word(page)) + (guest.Word(place) >> 32), damage);
        guest.Overwrite(page, damage);
        guest.Overwrite(place, damage);
        string outcome = CallTests.Die(guest, scenario);
        Assert.That(guest.Marks.Any(mark => mark.Name == "degraded" && mark.Values["what"] == "connection"), Is.EqualTo(!same), guest.Tail());
        Assert.That(outcome, same ? Does.StartWith("ok ") : Does.Not.StartWith("ok "), guest.Tail());
    }

    /// <summary>What a peer has said to the dead kernel it says again, after a pause: who waits for it hears it, though the wait was to end before.</summary>
    [Test]
    public void A_wait_for_a_peer_goes_on_until_it_can_have_repeated_itself()
    {
        const string scenario = "tcp-patient";
        const ulong nearlyOver = 1_900_000_000;
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.StartAndWait([scenario]);
        guest.Pass(nearlyOver);
        guest.RunToKernelMode();
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.WaitForVerdict(scenario), Is.EqualTo("ok"), guest.Tail());
    }

    /// <summary>The end of a process that kills its kernel has no error to return. It is tried four times; then the process has ended without it, with its status.</summary>
    [TestCase(3)]
    [TestCase(4)]
    public void An_exit_is_given_up_after_four_kernels(int deaths)
    {
        const string scenario = "call-exit";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        for (int death = 1; death < deaths; death++)
        {
            guest.RunTo("do_group_exit");
            guest.Kill();
            guest.RunTo("ow_call_again");
        }

        guest.RunTo("do_group_exit");
        Assert.That(CallTests.Die(guest, scenario), Is.EqualTo("ok"), guest.Tail());
        Assert.That(guest.Marks.Any(mark => mark.Name == "again"), Is.EqualTo(deaths < 4), guest.Tail());
        Assert.That(guest.Marks.Any(mark => mark.Name == "given-up"), Is.EqualTo(deaths >= 4), guest.Tail());
    }

    /// <summary>Where the kernel maps a frame, from the address of its <c>struct page</c>.</summary>
    private static ulong DirectMapOf(ulong page)
    {
        const ulong pageSize = 4096;
        return KernelInstance.DirectMap + ((page - WitnessGuest.PageMap) / SizeOf("page") * pageSize);
    }
}
