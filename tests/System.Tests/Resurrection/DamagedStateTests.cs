using System.Tests.Inspection;
using Emu.X86.State;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Inspection;
using static System.Tests.Resurrection.WitnessGuest;

namespace System.Tests.Resurrection;

/// <summary>Something of a process is damaged when its kernel dies: it costs as little as it can.</summary>
[TestFixture]
public sealed class DamagedStateTests
{
    /// <summary>No address.</summary>
    private const ulong Damage = 0x10;

    /// <summary>Bytes of a task's stack on x86-64 (<c>THREAD_SIZE</c>).</summary>
    private const ulong StackSize = 16 << 10;

    private WitnessGuest _guest = null!;

    /// <summary>
    /// What a process owes to System V semaphores stands in a list of its own, which threads have even if they owe nothing, and in one of each set. So nothing is
    /// lost, and nothing is done twice.
    /// </summary>
    [TestCase("threads")]
    [TestCase("semaphores")]
    public void A_damaged_list_of_semaphores_is_told_by_the_sets(string scenario)
    {
        Start(scenario);
        ulong head = OffsetOf("sem_undo_list", "list_proc");
        ulong[] lists = [.. Tasks().Select(task => _guest.Word(UndoListOf(task))).Where(list => list != 0).Distinct()];
        Assert.That(lists, Is.Not.Empty);
        foreach (ulong list in lists)
            _guest.Overwrite(list + head, Damage);
        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
        Assert.That(Losses(), Is.Empty, _guest.Tail());
    }

    /// <summary>Somebody owes, and it might be who has lost its list.</summary>
    [Test]
    public void A_list_of_semaphores_that_no_set_knows_is_reported()
    {
        Start("semaphores");
        ulong[] places = [.. Tasks().Select(UndoListOf).Where(place => _guest.Word(place) != 0)];
        Assert.That(places, Is.Not.Empty);
        foreach (ulong place in places)
            _guest.Overwrite(place, Damage);
        Die();
        Assert.That(Losses(), Is.EqualTo(places.Select(_ => "semaphore-undo")), _guest.Tail());
    }

    /// <summary>Bytes nobody has read cannot be: the connection ends as it may at any time, and the process, with its other connections, goes on.</summary>
    [Test]
    public void A_connection_with_damaged_bytes_is_reset()
    {
        const string scenario = "tcp-damaged";
        _guest = WitnessGuest.AtPrompt();
        _guest.Start([scenario]);
        _guest.RunTo("tcp_recvmsg_locked");
        ulong queue = _guest.Parameter + OffsetOf("sock", "sk_receive_queue");
        _guest.WaitToSay($"= {scenario} ready");
        _guest.RunToKernelMode();
        _guest.Overwrite(_guest.Word(queue) + OffsetOf("sk_buff", "head"), Damage); // a buffer is linked by its first member
        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
        Assert.That(Losses(), Is.EqualTo(new[] { "connection" }), _guest.Tail());
    }

    /// <summary>One bit of the registers of somebody who is in a system call: which call it is says the kernel's own chain of calls, and much of the rest is there twice.</summary>
    [TestCase("orig_ax", 63)]
    [TestCase("orig_ax", 1)]
    [TestCase("ax", 4)]
    [TestCase("ip", 3)]
    [TestCase("ip", 55)]
    [TestCase("cx", 3)]
    [TestCase("cs", 1)]
    [TestCase("ss", 3)]
    [TestCase("flags", 9)]
    public void A_damaged_register_that_is_known_otherwise_is_mended(string register, int bit)
    {
        const string scenario = "polls";
        Start(scenario);
        ulong[] frames = [.. Sleepers().Select(RegistersOf)];
        Assert.That(frames, Is.Not.Empty);
        foreach (ulong frame in frames)
        {
            ulong place = frame + OffsetOf("pt_regs", register);
            _guest.Overwrite(place, _guest.Word(place) ^ (1UL << bit));
        }

        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
    }

    /// <summary>One bit of an address that was given to a call, which leads nowhere then: functions that are to use it have the right one in their frames.</summary>
    [TestCase("ppolls", 271, "dx", 30)]
    [TestCase("selects", 270, "r8", 44)]
    [TestCase("pipe-reader", 0, "si", 52)]
    [TestCase("pipe-reader", 0, "si", 63)]
    public void A_damaged_address_given_to_a_call_is_known_by_its_frames(string scenario, int call, string register, int bit)
    {
        Start(scenario);
        ulong[] frames = [.. Witnesses().Where(task => task.State == 'S').Select(RegistersOf)
            .Where(frame => _guest.Word(frame + OffsetOf("pt_regs", "orig_ax")) == (ulong)call)];
        Assert.That(frames, Is.Not.Empty);
        foreach (ulong frame in frames)
        {
            ulong place = frame + OffsetOf("pt_regs", register);
            Assert.That(_guest.Word(place), Is.Not.Zero);
            _guest.Overwrite(place, _guest.Word(place) ^ (1UL << bit));
        }

        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
    }

    /// <summary>The link from one frame of the kernel's stack to the next is damaged: the caller is who calls the function.</summary>
    [Test]
    public void A_chain_of_calls_with_a_damaged_link_is_followed([Values(0, 1, 2, 3, 4)] int link, [Values(0xaUL, 0UL)] ulong damage)
    {
        const string scenario = "polls";
        Start(scenario);
        KernelTask[] sleepers = [.. Sleepers()];
        Assert.That(sleepers, Is.Not.Empty);
        foreach (KernelTask task in sleepers)
        {
            ulong at = _guest.Word(SavedFramePointerOf(task));
            for (int i = 0; i < link; i++)
                at = _guest.Word(at);
            _guest.Overwrite(at, damage);
        }

        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
    }

    /// <summary>The damaged link is that of a function that was called by pointer, so that no call names it: where it must lie says how the function begins.</summary>
    [Test]
    public void A_damaged_link_of_a_function_called_by_pointer_is_found([Values(0xaUL, 0UL)] ulong damage)
    {
        const string scenario = "pipe-reader";
        Start(scenario);
        ulong[] links = [.. Witnesses().Where(task => task.State == 'S').Select(task => LinkThatLeadsTo("pipe_read", task)).OfType<ulong>()];
        Assert.That(links, Is.Not.Empty);
        foreach (ulong link in links)
            _guest.Overwrite(link, damage);
        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
    }

    /// <summary>
    /// One bit of a return address on the kernel's stack: one that is so close to it, behind a call of the function, in a function whose frame is as large, is the right one. The fourth is in
    /// do_sys_poll(), which aligns its stack: how large its frame is does not stand in its text.
    /// </summary>
    [Test]
    public void A_return_address_with_a_wrong_bit_is_mended([Values(0, 1, 2, 4)] int link, [Values(44, 3)] int bit)
    {
        const string scenario = "polls";
        Start(scenario);
        KernelTask[] sleepers = [.. Sleepers()];
        Assert.That(sleepers, Is.Not.Empty);
        foreach (KernelTask task in sleepers)
        {
            ulong at = _guest.Word(SavedFramePointerOf(task));
            for (int i = 0; i < link; i++)
                at = _guest.Word(at);
            _guest.Overwrite(at + 8, _guest.Word(at + 8) ^ (1UL << bit));
        }

        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
    }

    /// <summary>The same where a function was called by pointer, so that only its caller's frame tells; of more than one bit nothing is guessed.</summary>
    [TestCase(1UL << 44, true)]
    [TestCase(1UL << 31, true)]
    [TestCase((1UL << 31) | (1UL << 44), false)]
    public void A_return_address_behind_a_call_by_pointer_is_mended(ulong damage, bool mended)
    {
        const string scenario = "pipe-reader";
        Start(scenario);
        ulong[] links = [.. Witnesses().Where(task => task.State == 'S').Select(task => LinkThatLeadsTo("pipe_read", task)).OfType<ulong>()];
        Assert.That(links, Is.Not.Empty);
        foreach (ulong place in links.Select(link => _guest.Word(link) + 8))
            _guest.Overwrite(place, _guest.Word(place) ^ damage);
        Die();
        if (mended)
            Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
        else
            Assert.That(_guest.Marks.Where(mark => mark.Name == "not-resurrected").Select(mark => mark.Values["reason"]), Does.Contain("call-chain"), _guest.Tail());
    }

    /// <summary>A wrong instruction has put something else into RBP: the stack pointer says where the frame is.</summary>
    [Test]
    public void A_lost_frame_pointer_is_known_by_the_stack_pointer([Values(0x10UL, 0UL, ulong.MaxValue)] ulong damage)
    {
        const string scenario = "call-pipe-read";
        const ulong beginning = 12; // instructions, and more, until a frame is made
        StartCall(scenario);
        _guest.RunTo("pipe_read");
        _guest.RunInstructions(beginning);
        Assert.That(_guest.IsIn("pipe_read"), _guest.Place);
        _guest.SetRegister(GeneralRegister.Rbp, damage);
        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Does.StartWith("ok"), _guest.Tail());
    }

    /// <summary>
    /// A function that has not popped a register returns to where its caller's frame is, with its return address still on the stack. The second caller may return before it
    /// has a frame.
    /// </summary>
    [TestCase("call-pipe-read", "__fdget_pos", "ksys_read")]
    [TestCase("call-fork", "sched_clock_cpu", "update_rq_clock")]
    [TestCase("call-restarted", "sched_clock_cpu", "update_rq_clock")]
    [TestCase("call-fsync", "sched_clock_cpu", "update_rq_clock")]
    public void A_return_to_the_frame_of_the_caller_costs_no_process(string scenario, string function, string caller)
    {
        StartCall(scenario);
        do
            _guest.RunTo(function);
        while (!_guest.Symbols.Describe(_guest.Word(_guest.StackPointer)).StartsWith(caller + "+", StringComparison.Ordinal));
        _guest.RunToReturn();
        ulong popped = _guest.Register(GeneralRegister.Rsp) - 8;
        Assert.That(_guest.Word(popped), Is.EqualTo(_guest.Register(GeneralRegister.Rbp)), "the frame pointer was popped last");
        _guest.SetRegister(GeneralRegister.Rsp, popped);
        _guest.SetRegister(GeneralRegister.Rbp, Damage);
        ExpectToOutlive(scenario);
    }

    /// <summary>A wrong instruction has put something of user mode into RSP, and RBP is made of that: what a system call begins with is always called from the same place.</summary>
    [Test]
    public void A_lost_stack_pointer_of_a_beginning_call_costs_no_process()
    {
        const string scenario = "call-pipe-read";
        const ulong beginning = 5; // instructions until a frame is made
        const ulong address = 0x7000_0000_0000;
        StartCall(scenario);
        _guest.RunTo("__x64_sys_read");
        _guest.RunInstructions(beginning);
        Assert.That(_guest.IsIn("__x64_sys_read"), _guest.Place);
        _guest.SetRegister(GeneralRegister.Rsp, address);
        _guest.SetRegister(GeneralRegister.Rbp, address);
        ExpectToOutlive(scenario);
    }

    /// <summary>The handler of an exception was given something else as the registers: the entry code has stored them, and the chain of calls leads there.</summary>
    [Test]
    public void Registers_that_are_none_are_found_by_the_chain_of_calls()
    {
        const string scenario = "call-pipe-read";
        const ulong beginning = 12; // instructions, and more, until a frame is made
        StartCall(scenario);
        _guest.RunTo("pipe_read");
        _guest.RunInstructions(beginning);
        _guest.Break(PanicKind.Bug);
        _guest.RunTo("otherworld_die");
        _guest.SetRegister(GeneralRegister.Rsi, _guest.Symbols.AddressOf("pipe_read"));
        ExpectToOutlive(scenario);
    }

    /// <summary>
    /// The answer of a call was put over a return address of the stack, and the kernel has returned to the answer: nothing says any more where it was. That does not matter to a call that is issued again
    /// wherever it was.
    /// </summary>
    [TestCase("call-fsync", true)]
    [TestCase("call-pipe-read", false)]
    public void A_call_that_is_issued_again_anyway_needs_no_chain_of_calls(string scenario, bool again)
    {
        StartCall(scenario);
        _guest.RunTo("x64_sys_call");
        ulong registers = _guest.Parameter;
        _guest.ReturnTo("do_syscall_64");
        Assert.That(_guest.Register(GeneralRegister.Rbx), Is.EqualTo(registers), "where the answer is to go");
        _guest.SetRegister(GeneralRegister.Rbx, registers - 8 - OffsetOf("pt_regs", "ax"));
        if (again)
        {
            ExpectToOutlive(scenario);
            return;
        }

        _guest.RunToDeath();
        _guest.WaitForGate();
        Assert.That(Refusals(), Is.EqualTo(new[] { "call-chain" }), _guest.Tail());
    }

    /// <summary>But its registers must be as a system call leaves them, or not even that it is in one is known.</summary>
    [Test]
    public void A_call_without_a_chain_of_calls_must_have_the_registers_of_one()
    {
        StartCall("call-fsync");
        _guest.RunTo("x64_sys_call");
        ulong registers = _guest.Parameter;
        _guest.ReturnTo("do_syscall_64");
        _guest.SetRegister(GeneralRegister.Rbx, registers - 8 - OffsetOf("pt_regs", "ax"));
        _guest.Overwrite(registers + OffsetOf("pt_regs", "r11"), Damage);
        _guest.RunToDeath();
        _guest.WaitForGate();
        Assert.That(Refusals(), Is.EqualTo(new[] { "call-chain" }), _guest.Tail());
    }

    /// <summary>The frame of a call that looks for events is gone with the way out of it: it has changed nothing yet.</summary>
    [Test]
    public void A_poll_without_a_chain_of_calls_is_issued_again()
    {
        const ulong beginning = 40; // instructions, and more, until a frame is made
        _guest = WitnessGuest.AtPrompt();
        _guest.Type("echo al''ive"); // the shell waits for it in poll()
        _guest.RunTo("do_sys_poll");
        _guest.RunInstructions(beginning);
        Assert.That(_guest.IsIn("do_sys_poll"), _guest.Place);
        ulong link = _guest.Register(GeneralRegister.Rbp);
        _guest.Overwrite(link, 0);
        _guest.Overwrite(link + 8, 0);
        Die();
        Assert.That(Refusals(), Is.Empty, _guest.Tail());
        _guest.WaitToSay("\nalive");
    }

    /// <summary>
    /// lock_sock() takes down the frame of its caller instead of its own: nothing is received, and the answer is that of whatever was called last. Zero, of a connection that has not ended, would be
    /// taken for its end.
    /// </summary>
    [TestCase(0ul)]
    [TestCase(5ul)]
    public void A_read_that_has_received_nothing_is_issued_again(ulong answer)
    {
        const ushort leaveRet = 0xc3c9;
        const string scenario = "call-tcp-read";
        StartCall(scenario);
        _guest.RunTo("tcp_recvmsg");
        ulong place = _guest.Symbols.AddressOf("lock_sock_nested");
        _guest.Overwrite(place, (_guest.Word(place) & ~0xffffUL) | leaveRet);
        _guest.ReturnTo("inet_recvmsg");
        _guest.SetRegister(GeneralRegister.Rax, answer);
        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok 5000"), _guest.Tail());
    }

    /// <summary>Nothing tells how far the piece is that was received last, but it is none: as much is counted as has arrived.</summary>
    [Test]
    public void A_read_that_has_counted_all_there_is_needs_no_registers()
    {
        const string scenario = "call-tcp-read";
        const ulong all = 9000;
        StartCall(scenario);
        _guest.RunTo("x64_sys_call");
        _guest.Overwrite(_guest.Parameter + OffsetOf("pt_regs", "dx"), all);
        _guest.RunTo("tcp_rcv_space_adjust");
        _guest.ReturnTo("tcp_recvmsg_locked");
        foreach (GeneralRegister register in new[] { GeneralRegister.Rax, GeneralRegister.Rbx, GeneralRegister.R12, GeneralRegister.R13, GeneralRegister.R14, GeneralRegister.R15 })
            _guest.SetRegister(register, Damage);
        ExpectToOutlive(scenario);
    }

    /// <summary>The way in for a page fault has put something else into RSP than where it was told that the registers are.</summary>
    [Test]
    public void A_stack_pointer_that_is_lost_on_the_way_into_the_kernel_is_in_RAX()
    {
        const string scenario = "call-pipe-read-fresh";
        StartCall(scenario);
        _guest.RunTo("copy_user_generic_string");
        _guest.RunTo("asm_exc_page_fault");
        _guest.RunTo("error_entry");
        _guest.ReturnTo("asm_exc_page_fault");
        _guest.RunInstructions(1);
        Assert.That(_guest.StackPointer, Is.EqualTo(_guest.Register(GeneralRegister.Rax)), _guest.Place);
        _guest.SetRegister(GeneralRegister.Rsp, _guest.Symbols.AddressOf("error_entry") | 4); // where no word begins
        ExpectToOutlive(scenario);
    }

    /// <summary>The change of tasks has pushed one register too few: which of them is not known, and who waits in poll() needs none.</summary>
    [Test]
    public void A_task_left_with_a_register_too_few_comes_back()
    {
        const string scenario = "polls";
        Start(scenario);
        KernelTask[] sleepers = [.. Sleepers()];
        Assert.That(sleepers, Is.Not.Empty);
        foreach (KernelTask task in sleepers)
        {
            ulong place = task.Address + OffsetOf("task_struct", "thread.sp");
            _guest.Overwrite(place, _guest.Word(place) + 8);
        }

        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
    }

    /// <summary>What sleeps before the first instruction of a function returns to that, and the function to where it was called: here a system call that has not begun.</summary>
    [Test]
    public void A_call_that_sleeps_ahead_of_its_first_instruction_is_issued_again()
    {
        const string scenario = "polls";
        Start(scenario);
        KernelTask[] sleepers = [.. Sleepers()];
        Assert.That(sleepers, Is.Not.Empty);
        foreach (KernelTask task in sleepers)
        {
            ulong frame = RegistersOf(task) - 24; // under the return address of do_syscall_64
            _guest.Overwrite(frame, 0); // entry code has no frame
            _guest.Overwrite(frame + 8, _guest.Symbols.AddressOf("do_syscall_64"));
            _guest.Overwrite(SavedFramePointerOf(task), frame);
        }

        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
    }

    /// <summary>Interrupts that sleep by mistake, in which there are more, make long chains.</summary>
    [Test]
    public void A_chain_of_many_calls_is_followed()
    {
        const string scenario = "polls";
        const int calls = 150;
        Start(scenario);
        ulong caller = _guest.Symbols.AddressOf("schedule") + 1;
        ulong place = (_guest.Symbols.AddressOf("__log_buf") + StackSize - 1) & ~(StackSize - 1);
        foreach (KernelTask task in Sleepers())
        {
            ulong first = SavedFramePointerOf(task);
            for (ulong i = 0; i < calls; i++)
            {
                ulong frame = place + (16 * i);
                _guest.Overwrite(frame, i + 1 < calls ? frame + 16 : _guest.Word(first));
                _guest.Overwrite(frame + 8, caller);
            }

            _guest.Overwrite(first, place);
            place += 16 * calls;
        }

        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
    }

    /// <summary>The tree of a process's memory areas is damaged: they are found where areas lie, and it is known how many there must be.</summary>
    [TestCase("protections")]
    [TestCase("private-file")]
    [TestCase("threads")]
    public void Areas_are_found_without_their_map(string scenario)
    {
        Start(scenario);
        ulong[] nodes = [.. Witnesses().Select(task => _guest.Word(task.Address + OffsetOf("task_struct", "mm")))
            .Where(mm => mm != 0).Distinct().Select(mm => _guest.Word(mm + OffsetOf("mm_struct", "mm_mt.ma_root")) & ~0xffUL)];
        Assert.That(nodes, Is.Not.Empty);
        foreach (ulong node in nodes)
            _guest.Overwrite(node + 8, Damage); // behind the parent: up to where the first entry reaches
        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
        Assert.That(_guest.Marks.Count(mark => mark.Name == "map"), Is.EqualTo(nodes.Length), _guest.Tail());
    }

    /// <summary>The name of a file is damaged in memory: the directory on the disk has it.</summary>
    [Test]
    public void A_damaged_name_is_looked_up_on_the_disk()
    {
        const string scenario = "heap";
        Start(scenario);
        ulong mm = Witnesses().Select(task => _guest.Word(task.Address + OffsetOf("task_struct", "mm"))).First(mm => mm != 0);
        ulong file = _guest.Word(mm + OffsetOf("mm_struct", "exe_file"));
        ulong entry = _guest.Word(file + OffsetOf("file", "f_path.dentry"));
        ulong name = _guest.Word(entry + OffsetOf("dentry", "d_name.name"));
        _guest.Overwrite(name, _guest.Word(name) ^ 0x80);
        Die();
        Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
    }

    /// <summary>Where a task that sleeps has its registers of user mode.</summary>
    /// <summary>The kernel dies of what was done to it, and the scenario ends well under the next.</summary>
    private void ExpectToOutlive(string scenario)
    {
        _guest.RunToDeath();
        _guest.WaitForGate();
        Assert.That(_guest.WaitForVerdict(scenario), Does.StartWith("ok"), _guest.Tail());
    }

    private ulong RegistersOf(KernelTask task) => _guest.Word(task.Address + OffsetOf("task_struct", "stack")) + StackSize - SizeOf("pt_regs");

    /// <summary>Where the change to another task has put RBP.</summary>
    private ulong SavedFramePointerOf(KernelTask task) =>
        _guest.Word(task.Address + OffsetOf("task_struct", "thread.sp")) + OffsetOf("inactive_task_frame", "bp");

    /// <summary>Where it says at which frame a function in a sleeping task's chain of calls has its link; null when the function is not in it.</summary>
    private ulong? LinkThatLeadsTo(string function, KernelTask task)
    {
        ulong at = SavedFramePointerOf(task);
        for (ulong link = _guest.Word(at); link != 0; link = _guest.Word(at))
        {
            if (_guest.Symbols.Describe(_guest.Word(link + 8)).StartsWith(function + "+", StringComparison.Ordinal))
                return link;
            at = link;
        }

        return null;
    }

    private IEnumerable<KernelTask> Witnesses() => Tasks().Where(task => task.Name == "witness");

    /// <summary>Those that wait in poll().</summary>
    private IEnumerable<KernelTask> Sleepers() =>
        Witnesses().Where(task => task.State == 'S' && _guest.Word(RegistersOf(task) + OffsetOf("pt_regs", "orig_ax")) == 7);

    /// <summary>
    /// Headers of a program, written behind the end of what was allocated for them, stand before the fragments of a buffer. How long these are together is also said elsewhere.
    /// </summary>
    /// <param name="fragment">The length of the first fragment: when that is wrong, too, nothing is guessed.</param>
    [TestCase(true)]
    [TestCase(false)]
    public void Fragments_of_a_buffer_are_counted_again(bool fragment)
    {
        const string scenario = "tcp-pair";
        const ulong programHeader = 0xa4638, address = 0x4a4638;
        _guest = WitnessGuest.AtPrompt();
        _guest.Start([scenario]);
        _guest.RunTo("tcp_data_ready");
        ulong queue = _guest.Parameter + OffsetOf("sock", "sk_receive_queue");
        _guest.WaitToSay($"= {scenario} ready");
        _guest.RunToKernelMode();
        ulong buffer = _guest.Word(queue); // a buffer is linked by its first member
        Assert.That((uint)_guest.Word(buffer + OffsetOf("sk_buff", "data_len")), Is.Not.Zero);
        ulong shared = _guest.Word(buffer + OffsetOf("sk_buff", "head")) + (uint)_guest.Word(buffer + OffsetOf("sk_buff", "end"));
        _guest.Overwrite(shared, programHeader);
        _guest.Overwrite(shared + OffsetOf("skb_shared_info", "frag_list"), address);
        if (!fragment)
            _guest.Overwrite(shared + OffsetOf("skb_shared_info", "frags") + OffsetOf("bio_vec", "bv_len"), Damage);
        Die();
        Assert.That(Losses(), Is.EqualTo(fragment ? [] : new[] { "connection" }), _guest.Tail());
        if (fragment)
            Assert.That(_guest.WaitForVerdict(scenario), Is.EqualTo("ok"), _guest.Tail());
    }

    private static ulong UndoListOf(KernelTask task) => task.Address + OffsetOf("task_struct", "sysvsem.undo_list");

    private void Start(string scenario)
    {
        _guest = WitnessGuest.AtPrompt();
        _guest.StartAndWait([scenario]);
        _guest.Pass(50_000_000);
        _guest.Interrupt(); // all may sleep
        _guest.RunToKernelMode();
    }

    private void StartCall(string scenario)
    {
        _guest = WitnessGuest.AtPrompt();
        _guest.Start([scenario]);
        _guest.RunToMarkedCall();
    }

    private void Die()
    {
        _guest.Kill();
        _guest.WaitForGate();
    }

    private IEnumerable<KernelTask> Tasks() => InspectionTests.Inspector(_guest).Tasks().Where(task => !task.IsKernelThread);

    private IEnumerable<string> Refusals() =>
        _guest.Marks.Where(mark => mark.Name == "not-resurrected" && mark.Values["reason"] != "exited").Select(mark => mark.Values["reason"]);

    private IEnumerable<string> Losses() => _guest.Marks.Where(mark => mark.Name == "degraded").Select(mark => mark.Values["what"]);
}
