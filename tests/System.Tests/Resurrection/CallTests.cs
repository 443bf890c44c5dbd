using System.Globalization;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Crashes;

namespace System.Tests.Resurrection;

/// <summary>
/// A kernel dies somewhere inside one system call: by the call itself, or by an interrupt that came into it. Whatever the call returns in the next kernel,
/// it was done once, in part by so much, or not at all.
/// </summary>
[TestFixture]
public sealed class CallTests
{
    private static readonly string[] Scenarios =
    [
        "call-append", "call-write", "call-read", "call-pipe-read", "call-pipe-write", "call-rename", "call-rename-over", "call-unlink", "call-mkdir", "call-rmdir", "call-link", "call-symlink",
        "call-create", "call-truncate", "call-close", "call-dup2", "call-munmap", "call-mprotect", "call-mremap", "call-brk", "call-execve", "call-fork", "call-thread", "call-exit",
        "call-kill", "call-setuid", "call-fsync",
        "call-unix-read", "call-unix-write", "call-unix-writev", "call-unix-recvmsg", "call-unix-receive", "call-unix-receive-file", "call-unix-send", "call-unix-accept", "call-unix-connect", "call-unix-bind",
        "call-tcp-read", "call-tcp-write", "call-tcp-recvmsg", "call-tcp-accept", "call-tcp-connect", "call-udp-receive", "call-udp-send",
        "call-eventfd-read", "call-eventfd-write", "call-timerfd-read", "call-timerfd-settime", "call-signalfd-read", "call-signalfd-read-two", "call-io-submit",
        "call-epoll-add", "call-epoll-delete", "call-epoll-wait", "call-epoll-wait-once", "call-terminal-read",
    ];

    /// <summary>
    /// What a call may be refused for, with the scenario it happens in; a map of memory that execve has half built can show in three ways. A stream is refused where
    /// a death in the entry of a page fault has been seen to hide how far the copy of a piece was.
    /// </summary>
    private static readonly HashSet<string> Refusals =
    [
        "call-execve execve", "call-execve damaged-mm", "call-execve special-mapping", "call-mremap mremap", "call-read read",
        "call-unix-read read", "call-unix-recvmsg read", "call-unix-receive-file read", "call-epoll-wait-once epoll",
    ];

    [TestCaseSource(nameof(Scenarios))]
    public void Takes_effect_once_when_it_kills_the_kernel(string scenario) => Sweep(scenario, interrupt: false, points: 2);

    [TestCaseSource(nameof(Scenarios))]
    public void Takes_effect_once_when_an_interrupt_kills_the_kernel(string scenario) => Sweep(scenario, interrupt: true, points: 1);

    [TestCaseSource(nameof(Scenarios))]
    [Category("Slow")]
    public void Takes_effect_once_wherever_it_kills_the_kernel(string scenario) => Sweep(scenario, interrupt: false, points: 40);

    [TestCaseSource(nameof(Scenarios))]
    [Category("Slow")]
    public void Takes_effect_once_wherever_an_interrupt_kills_the_kernel(string scenario) => Sweep(scenario, interrupt: true, points: 40);

    /// <summary>A rename makes the new name before it removes the old one. A death in between leaves both; the call is completed.</summary>
    [Test]
    public void A_rename_that_has_made_the_new_name_is_completed([Values("call-rename", "call-rename-over")] string scenario)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("ext4_delete_entry");
        Assert.That(Die(guest, scenario), Is.EqualTo("ok 0"), guest.Tail());
    }

    /// <summary>vm_stat_account() calls nothing and has no frame: who has called it stands on top of the stack only. Behind moved pages the call is refused.</summary>
    [Test]
    public void A_function_without_a_frame_does_not_hide_its_caller()
    {
        const string scenario = "call-mremap";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("vm_stat_account");
        GuestMoment counting = guest.Now();
        guest.ReturnTo("move_vma"); // calls it once, when the pages have moved
        guest.GoBackTo(counting);
        guest.RunInstructions(3);
        Assert.That(guest.Place, Does.StartWith("vm_stat_account+"));
        Assert.That(Die(guest, scenario), Is.EqualTo("mremap"), guest.Tail());
    }

    /// <summary>Nothing is moved yet, at no instruction up to the first call: the system call is issued again, and nobody is refused for what has not begun.</summary>
    [TestCase("call-unix-read", "__get_task_ioprio", "ok 5000")]
    [TestCase("call-unix-read", "sock_read_iter", "ok 5000")]
    [TestCase("call-unix-write", "sock_write_iter", "ok 9000")]
    [TestCase("call-unix-writev", "vfs_writev", "ok 9000")]
    [TestCase("call-unix-writev", "iovec_from_user.part.0", "ok 9000")]
    [TestCase("call-unix-send", "__sys_sendto", "ok 9000")]
    [TestCase("call-unix-receive", "__sys_recvfrom", "ok 9000")]
    [TestCase("call-terminal-read", "__x64_sys_read", "ok 5")]
    public void A_call_that_has_not_begun_is_issued_again(string scenario, string place, string outcome)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo(place);
        ulong first = guest.Icount;
        SweepPlaces(guest, scenario, guest.Places(() => guest.Icount > first && !guest.IsIn(place)), every: 1, outcome);
    }

    /// <summary>What reads and writes a pipe is called by pointer. Up to there the system call is issued again, whatever the kernel dies of.</summary>
    [TestCase("call-pipe-read", "vfs_read", "pipe_read", "ok 5000")]
    [TestCase("call-pipe-write", "vfs_write", "pipe_write", "ok 8900")]
    public void A_call_that_has_not_come_to_the_pipe_is_issued_again(string scenario, string caller, string work, string outcome)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo(caller);
        SweepPlaces(guest, scenario, guest.Places(() => guest.Place == work), every: 3, outcome);
    }

    /// <summary>What frees a message goes many ways, which are not walked: the count is told around it.</summary>
    [Test]
    public void A_read_that_dies_while_a_message_is_freed_tells_its_count()
    {
        const string scenario = "call-unix-read";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("sock_wfree");
        Assert.That(Die(guest, scenario), Does.StartWith("ok "), guest.Tail());
    }

    /// <summary>What arrives is counted before it is in the queue of the connection. The peer has it still, and sends it again.</summary>
    [TestCase("call-tcp-read")]
    [TestCase("call-tcp-write")]
    public void A_segment_that_is_counted_and_not_queued_comes_again(string scenario) => Middle(scenario, "tcp_queue_rcv", "tcp_rcv_established", points: 20);

    /// <summary>A request that becomes a connection is in no queue for a moment, and connected only behind it. Its client takes the connection for made.</summary>
    [Test]
    public void A_request_that_becomes_a_connection_can_be_accepted() => Middle("call-tcp-connect", "tcp_check_req", "tcp_v4_rcv", points: 16);

    [Test]
    [Category("Slow")]
    public void A_request_that_becomes_a_connection_can_be_accepted_wherever_it_is() => Middle("call-tcp-connect", "tcp_check_req", "tcp_v4_rcv", points: 100);

    /// <summary>An area that is in the map already, but not counted, or the other way round: the map is whole.</summary>
    [Test]
    public void A_map_in_the_middle_of_its_count_is_no_damaged_one()
    {
        const string scenario = "call-munmap";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("mas_update_gap");
        Assert.That(Die(guest, scenario), Is.EqualTo("ok 0"), guest.Tail());
    }

    /// <summary>An area has its new ends before the map has, or an area that is split is in the map for both parts: the map counts.</summary>
    [TestCase("call-munmap", 1)]
    [TestCase("call-munmap", 2)]
    [TestCase("call-munmap", 3)]
    [TestCase("call-mprotect", 1)]
    [TestCase("call-mprotect", 2)]
    public void An_area_that_disagrees_with_the_map_is_no_damaged_one(string scenario, int store)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        for (; store > 0; store--)
            guest.RunTo("mas_store_prealloc");
        guest.RunTo("mas_wr_walk");
        Assert.That(Die(guest, scenario), Does.StartWith("ok "), guest.Tail());
    }

    /// <summary>The heap is larger already, and its new end not noted: the call finds the heap that was noted.</summary>
    [Test]
    public void A_heap_whose_new_end_is_not_noted_is_enlarged_once()
    {
        const string scenario = "call-brk";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("do_brk_flags");
        guest.ReturnTo("__x64_sys_brk");
        Assert.That(Die(guest, scenario), Does.StartWith("ok "), guest.Tail());
    }

    /// <summary>How much was read only the processor knows once the work is done. The rest of the call says it, unless the position has yet to move: then nothing was read.</summary>
    [TestCase(0ul, true)]
    [TestCase(4ul, true)]
    [TestCase(5ul, false)]
    [TestCase(12ul, false)]
    public void A_read_answers_its_count_once_the_position_has_moved(ulong further, bool again)
    {
        const string scenario = "call-read";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("vfs_read");
        guest.ReturnTo("ksys_read");
        guest.RunInstructions(further);
        Assert.That(Die(guest, scenario), Is.EqualTo("ok 9000"), guest.Tail());
        Assert.That(guest.Marks.Any(mark => mark.Name == "again"), Is.EqualTo(again), guest.Tail());
    }

    /// <summary>A call that kills its kernel is issued again. When it kills the next one too it has an error for an answer: a third one lives.</summary>
    [TestCase(1, "ok 0")]
    [TestCase(2, "ok EINTR")]
    public void A_call_that_has_killed_two_kernels_is_not_issued_a_third_time(int deaths, string outcome)
    {
        const string scenario = "call-fsync";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        for (int death = 1; death < deaths; death++)
        {
            guest.RunTo("ext4_sync_file");
            guest.Kill();
            guest.RunTo("ow_call_again");
        }

        guest.RunTo("ext4_sync_file");
        Assert.That(Die(guest, scenario), Is.EqualTo(outcome), guest.Tail());
        Assert.That(guest.Marks.Any(mark => mark.Name == "again"), Is.EqualTo(deaths == 1), guest.Tail());
    }

    /// <summary>A call that has no error to return is repeated although it has killed two kernels, but not without end.</summary>
    [TestCase(3)]
    [TestCase(4)]
    public void A_call_that_always_repeats_is_given_up_after_four_kernels(int deaths)
    {
        const string scenario = "call-munmap";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        for (int death = 1; death < deaths; death++)
        {
            guest.RunTo("__x64_sys_munmap");
            guest.Kill();
            guest.RunTo("ow_call_again");
        }

        guest.RunTo("__x64_sys_munmap");
        string? outcome = Die(guest, scenario);
        Assert.That(outcome, deaths < 4 ? Is.EqualTo("ok 0") : Does.Contain("munmap"), guest.Tail());
        Assert.That(guest.Marks.Any(mark => mark.Name == "again"), Is.EqualTo(deaths < 4), guest.Tail());
        Assert.That(guest.Marks.Where(mark => mark.Name == "given-up").Select(mark => mark.Values["deaths"]), deaths < 4 ? Is.Empty : Is.EqualTo(new[] { "4" }), guest.Tail());
    }

    /// <summary>What was done the second time has nothing to do with a death later: another call that kills the next kernel is issued again as well.</summary>
    [Test]
    public void A_call_is_not_suspected_for_what_another_has_done()
    {
        const string scenario = "call-fsync";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.Kill();
        guest.RunTo("ow_call_again");
        guest.RunTo("syscall_exit_to_user_mode");
        guest.RunTo("do_syscall_64");
        guest.RunInstructions(200);
        guest.RunToKernelMode();
        Assert.That(Die(guest, scenario), Is.EqualTo("ok 0"), guest.Tail());
    }

    /// <summary>Scenario, the function that does its work, who calls that, and what the call has to answer from its return on.</summary>
    private static readonly object[] Works =
    [
        new[] { "call-rename", "vfs_rename", "do_renameat2", "ok 0" }, new[] { "call-rename-over", "vfs_rename", "do_renameat2", "ok 0" },
        new[] { "call-link", "vfs_link", "do_linkat", "ok 0" }, new[] { "call-unlink", "vfs_unlink", "do_unlinkat", "ok 0" },
        new[] { "call-rmdir", "vfs_rmdir", "do_rmdir", "ok 0" }, new[] { "call-mkdir", "vfs_mkdir", "do_mkdirat", "ok 0" },
        new[] { "call-symlink", "vfs_symlink", "do_symlinkat", "ok 0" }, new[] { "call-create", "vfs_open", "path_openat", "ok 4" },
        new[] { "call-pipe-read", "pipe_read", "vfs_read", "ok 5000" }, new[] { "call-pipe-write", "pipe_write", "vfs_write", "ok 8900" },
        new[] { "call-exit", "release_task", "wait_consider_task", "ok" },
        new[] { "call-unix-accept", "unix_accept", "do_accept", "ok 6" }, new[] { "call-tcp-accept", "inet_csk_accept", "inet_accept", "ok 6" },
    ];

    /// <summary>Once the work is done, what is left of the call tells its answer, wherever in that the kernel dies.</summary>
    [TestCaseSource(nameof(Works))]
    public void The_rest_of_a_call_tells_its_answer(string scenario, string work, string caller, string answer) => Finish(scenario, work, caller, answer, points: 4);

    [TestCaseSource(nameof(Works))]
    [Category("Slow")]
    public void The_rest_of_a_call_tells_its_answer_everywhere(string scenario, string work, string caller, string answer) => Finish(scenario, work, caller, answer, points: 100);

    /// <summary>Scenario, the function that moves its bytes, and who calls that.</summary>
    private static readonly object[] Moves =
    [
        new[] { "call-pipe-read", "pipe_read", "vfs_read" }, new[] { "call-pipe-write", "pipe_write", "vfs_write" },
        new[] { "call-unix-read", "unix_stream_read_generic", "unix_stream_recvmsg" }, new[] { "call-unix-write", "unix_stream_sendmsg", "sock_write_iter" },
        new[] { "call-tcp-read", "tcp_recvmsg_locked", "tcp_recvmsg" }, new[] { "call-tcp-write", "tcp_sendmsg_locked", "tcp_sendmsg" },
        new[] { "call-unix-accept", "unix_accept", "do_accept" }, new[] { "call-tcp-accept", "inet_csk_accept", "inet_accept" }, new[] { "call-terminal-read", "n_tty_read", "tty_read" },
        new[] { "call-unix-recvmsg", "unix_stream_read_generic", "unix_stream_recvmsg" }, new[] { "call-tcp-recvmsg", "tcp_recvmsg_locked", "tcp_recvmsg" },
        new[] { "call-unix-receive", "__unix_dgram_recvmsg", "unix_dgram_recvmsg" }, new[] { "call-unix-receive-file", "__unix_dgram_recvmsg", "unix_dgram_recvmsg" },
        new[] { "call-unix-send", "unix_dgram_sendmsg", "__sys_sendto" }, new[] { "call-udp-receive", "udp_recvmsg", "inet_recvmsg" },
        new[] { "call-signalfd-read", "signalfd_read", "vfs_read" }, new[] { "call-signalfd-read-two", "signalfd_read", "vfs_read" }, new[] { "call-io-submit", "__x64_sys_io_submit", "x64_sys_call" },
        new[] { "call-eventfd-read", "eventfd_read", "vfs_read" }, new[] { "call-eventfd-write", "eventfd_write", "vfs_write" }, new[] { "call-timerfd-read", "timerfd_read", "vfs_read" },
    ];

    /// <summary>A call that moves bytes tells how many it has moved, wherever in that the kernel dies.</summary>
    [TestCaseSource(nameof(Moves))]
    public void A_call_that_moves_bytes_tells_how_many(string scenario, string work, string caller) => Middle(scenario, work, caller, points: 5);

    [TestCaseSource(nameof(Moves))]
    [Category("Slow")]
    public void A_call_that_moves_bytes_tells_how_many_everywhere(string scenario, string work, string caller) => Middle(scenario, work, caller, points: 60);

    /// <summary>Wherever in its work the kernel dies: at each instruction that the call comes to, the first time.</summary>
    [TestCaseSource(nameof(Moves))]
    [Category("Slow")]
    public void A_call_loses_nothing_at_any_instruction_of_its_work(string scenario, string work, string caller) => Middle(scenario, work, caller, points: 0);

    /// <summary>A call that is made again on the way out: between its place in the program and its number, which are set back one after the other, neither is true.</summary>
    [Test]
    public void A_call_that_is_made_again_on_the_way_out_keeps_all_registers([Values(7)] int every) => Restart(every);

    [Test]
    [Category("Slow")]
    public void A_call_that_is_made_again_on_the_way_out_keeps_all_registers_at_any_instruction() => Restart(every: 1);

    private static void Restart(int every)
    {
        const string scenario = "call-restarted";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("do_signal_stop");
        guest.ReturnTo("arch_do_signal_or_restart");
        SweepPlaces(guest, scenario, guest.Places(() => guest.InUserMode || guest.Place.StartsWith("exit_to_user_mode_", StringComparison.Ordinal)), every, "ok 5");
    }

    /// <summary>Dies at every so many-th of these instructions.</summary>
    private static void SweepPlaces(WitnessGuest guest, string scenario, IReadOnlyList<ulong> places, int every, string answer)
    {
        List<string> failures = [];
        GuestMoment begun = guest.Now();
        for (int i = 0; i < places.Count; i += every)
        {
            guest.GoBackTo(begun);
            guest.RunInstructions(places[i] - guest.Icount);
            string place = guest.Place;
            string outcome = Die(guest, scenario);
            if (outcome != answer)
                failures.Add($"at {place}: {outcome}\n{guest.Tail()}");
        }

        TestContext.Out.WriteLine($"{scenario}, {places.Count} places");
        Assert.That(failures, Is.Empty, string.Join('\n', failures));
    }

    /// <summary>The watchdog's NMI finds a kernel that hangs in what the crash path itself makes its message with; the next NMI gets on without.</summary>
    [Test]
    public void A_hang_in_what_the_crash_path_uses_does_not_stop_it()
    {
        const string scenario = "call-fsync";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("__memcpy");
        Assert.That(guest.TryKill(PanicKind.Hang, within: 30_000_000_000), Is.True, guest.Tail());
        guest.WaitForGate();
        Assert.That(guest.WaitForVerdict(scenario), Is.EqualTo("ok 0"), guest.Tail());
    }

    /// <summary>Behind the point of no return there is no old program to tell of a failure; the new one runs if its registers are complete.</summary>
    [TestCase(false, "execve")]
    [TestCase(true, "ok 0")]
    public void A_program_runs_when_it_is_complete_and_is_refused_before(bool complete, string outcome)
    {
        const string scenario = "call-execve";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo(complete ? "start_thread" : "finalize_exec");
        if (complete)
            guest.ReturnTo("load_elf_binary");
        Assert.That(Die(guest, scenario), Is.EqualTo(outcome), guest.Tail());
    }

    /// <summary>Dies at so many places between the return of a function and the answer of the call.</summary>
    private static void Finish(string scenario, string work, string caller, string answer, int points)
    {
        List<string> failures = [];
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo(work);
        guest.ReturnTo(caller);
        GuestMoment done = guest.Now();
        ulong length = guest.LengthToAnswer();
        for (ulong point = 0; point < (ulong)points; point++)
        {
            guest.GoBackTo(done);
            guest.RunInstructions(length * point / (ulong)points);
            string place = guest.Place;
            string outcome = Die(guest, scenario);
            if (outcome != answer && outcome is not ("fpu" or "lost-page"))
                failures.Add($"at {place}: {outcome}\n{guest.Tail()}");
        }

        TestContext.Out.WriteLine($"{scenario}, {length} instructions behind {work}()");
        Assert.That(failures, Is.Empty, string.Join('\n', failures));
    }

    /// <summary>Dies at so many places within a function of the call; at 0, at each of its instructions.</summary>
    private static void Middle(string scenario, string work, string caller, int points)
    {
        List<string> failures = [];
        SortedDictionary<string, int> outcomes = new(StringComparer.Ordinal);
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo(work);
        GuestMoment begun = guest.Now();
        ulong first = guest.Icount;
        IReadOnlyList<ulong> places = points == 0 ? guest.Places(() => guest.IsIn(caller)) : [];
        guest.ReturnTo(caller);
        ulong length = guest.Icount - first;
        int count = Math.Max(points, places.Count);
        for (int point = 0; point < count; point++)
        {
            guest.GoBackTo(begun);
            guest.RunInstructions(points == 0 ? places[point] - first : length * (ulong)((2 * point) + 1) / (ulong)(2 * points));
            string place = guest.Place;
            string outcome = Die(guest, scenario);
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            if (!outcome.StartsWith("ok", StringComparison.Ordinal) && !Refusals.Contains($"{scenario} {outcome}"))
                failures.Add(string.Create(CultureInfo.InvariantCulture, $"point {point} of {count}, at {place}: {outcome}\n{guest.Tail()}"));
        }

        TestContext.Out.WriteLine($"{scenario}, {length} instructions of {work}(): {string.Join(", ", outcomes.Select(outcome => $"{outcome.Value} x {outcome.Key}"))}");
        Assert.That(failures, Is.Empty, string.Join('\n', failures));
    }

    private static void Sweep(string scenario, bool interrupt, int points)
    {
        List<string> failures = [];
        SortedDictionary<string, int> outcomes = new(StringComparer.Ordinal);
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        GuestMoment started = guest.Now();
        ulong start = guest.Clock;
        guest.RunToMarkedCall();
        GuestMoment entry = guest.Now();
        ulong before = guest.Clock - start;
        ulong latency = guest.LatencyOfInterrupt();
        ulong length = guest.LengthOfCall();
        Assert.That(before, Is.GreaterThan(latency), "an interrupt can come in at the first instruction");
        for (int point = 0; point < points; point++)
        {
            ulong distance = length * (ulong)((2 * point) + 1) / (ulong)(2 * points);
            guest.GoBackTo(entry);
            guest.RunInstructions(distance);
            for (; guest.InUserMode; distance /= 2) // behind the call, or in a program that a fault has found
            {
                guest.GoBackTo(entry);
                guest.RunInstructions(distance / 2);
            }

            string inside = guest.Place;
            if (interrupt)
            {
                guest.GoBackTo(started); // early enough for the interrupt to come in just here
                guest.Pass(before + distance - latency);
                guest.RunToInterruptHandler(latency);
            }

            guest.RunToKernelMode();
            string place = guest.Place;
            string outcome = Die(guest, scenario);
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            if (!outcome.StartsWith("ok", StringComparison.Ordinal) && outcome is not ("fpu" or "lost-page") && !Refusals.Contains($"{scenario} {outcome}"))
                failures.Add(string.Create(CultureInfo.InvariantCulture, $"point {point} of {points} in {length} instructions, in {inside}, at {place}: {outcome}\n{guest.Tail()}"));
        }

        TestContext.Out.WriteLine($"{scenario}, {length} instructions: {string.Join(", ", outcomes.Select(outcome => $"{outcome.Value} x {outcome.Key}"))}");
        Assert.That(failures, Is.Empty, string.Join('\n', failures));
    }

    /// <summary>
    /// Kills the kernel and waits for the verdict: <c>ok RESULT</c>, what was wrong, or the reason of a refusal; nobody else is refused. A kernel survives a fault
    /// in an instruction that may fault; that in the IRET to user mode it takes for the process's own, which it kills with a signal: then it dies a little later.
    /// So it does where such an instruction is one that every process needs: it would kill them one by one, and die of the end of the first.
    /// </summary>
    internal static string Die(WitnessGuest guest, string scenario)
    {
        GuestMoment here = guest.Now();
        for (ulong further = 16; !TryDie(guest); further += 16)
        {
            guest.GoBackTo(here);
            guest.RunInstructions(further);
            guest.RunToKernelMode();
        }

        string? verdict = guest.WaitForVerdict(scenario);
        GuestMark? refusal = guest.Marks.FirstOrDefault(mark => mark.Name == "not-resurrected" && mark.Values["reason"] != "exited");
        return refusal?.Values["reason"] ?? verdict ?? "silence";
    }

    /// <summary>Kills the kernel and waits for the next one; false if it has survived what was done to it here.</summary>
    private static bool TryDie(WitnessGuest guest)
    {
        if (guest.Place == "native_irq_return_iret" || !guest.TryKill())
            return false;
        guest.WaitForGate(); // a mark's values end at a space: the message is "Attempted to kill init!"
        return !guest.Marks.Any(mark => mark.Name == "panic" && mark.Values["message"] == "\"Attempted");
    }
}
