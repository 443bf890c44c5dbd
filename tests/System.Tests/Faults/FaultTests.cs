using System.Tests.Debugging;
using System.Text.Json;
using Emu.Core;
using Emu.Core.Machine;
using Emu.X86;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Faults;
using Otherworld.Guest.Images;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace System.Tests.Faults;

/// <summary>Faults in a real kernel under load.</summary>
[TestFixture]
public sealed class FaultTests
{
    private const ulong Limit = 60_000_000;
    private FaultGuest? _guest;

    private FaultGuest Guest => _guest!;

    [OneTimeSetUp]
    public void Boot() => _guest = new FaultGuest();

    [OneTimeTearDown]
    public void Remove() => _guest?.Dispose();

    [Test]
    public void A_death_is_placed_detected_and_survived()
    {
        FaultResult result = Guest.Run("panic@null-deref,trigger=1000000,seed=5", 400_000_000);
        Assert.That(result.Outcome, Is.EqualTo(FaultOutcome.TookOver));
        FaultRecord fault = result.Fault;
        Assert.That(fault.PlacedIcount, Is.EqualTo(result.StartIcount + 1_000_000));
        Assert.That(fault.ActivatedIcount, Is.GreaterThanOrEqualTo(fault.PlacedIcount).And.LessThan(fault.DetectedIcount!.Value));
        Assert.That(fault.Message, Does.StartWith("page fault"));
        Assert.That(fault.Changes[0].Place, Does.StartWith(fault.FailedIn!.Split('+')[0]));
        Assert.That(result.Processes.Select(process => process.Comm), Is.SupersetOf(new[] { "counter", "vi", "sh" }));
    }

    [Test]
    public void A_fault_in_code_is_activated_where_it_is_executed()
    {
        FaultResult result = Guest.Run("nop@vfs_write+0x0,seed=1", Limit);
        Assert.That(result.Fault.Changes, Has.Count.EqualTo(1));
        Assert.That(result.Fault.Changes[0].Place, Is.EqualTo("vfs_write"));
        Assert.That(result.Fault.Changes[0].After, Is.EqualTo(string.Concat(Enumerable.Repeat("90", result.Fault.Changes[0].Before.Length / 2))));
        Assert.That(result.Fault.IsActivated, Is.True);
    }

    [Test]
    public void A_debugger_arrives_just_before_the_fault_and_changes_nothing()
    {
        Gdb.NeedIt();
        string[] inject = ["inject", Guest.Snapshot, "--fault", "nop@vfs_write+0x0,trigger=1000,seed=1", "--limit", $"{Limit}", "--json"];
        CliResult plain = Cli.Run(inject);
        JsonElement change = plain.Json().GetProperty("changes")[0];
        string site = $"0x{SymbolTable.Load(Images.Otherworld.Path(ImageRoles.SystemMap)).AddressOf("vfs_write"):x}";
        (string talk, CliResult debugged) = Gdb.Run(
            Path.GetDirectoryName(Guest.Snapshot)!, inject,
            "printf \"icount=%ld byte=%02x\\n\", $icount, *(unsigned char*)" + site, $"hbreak *{site}", "continue",
            "printf \"pc=%lx byte=%02x\\n\", $pc, *(unsigned char*)$pc", "reverse-stepi", "detach");
        Assert.That(talk, Does.Contain($"icount={change.GetProperty("icount").GetUInt64()} byte={change.GetProperty("before").GetString()![..2]}"));
        Assert.That(talk, Does.Contain($"pc={site[2..]} byte=90"));
        Assert.That((debugged.Status, debugged.Json("final_hash")), Is.EqualTo((plain.Status, plain.Json("final_hash"))), debugged.Error);
    }

    /// <summary>A fault in a call lets other calls pass before: with a debugger as many as without.</summary>
    [TestCase("alloc,trigger=1000,seed=3")]
    [TestCase("size,trigger=1000,seed=7,count=4")]
    public void A_debugger_changes_nothing_of_which_call_is_changed(string fault)
    {
        Gdb.NeedIt();
        string[] inject = ["inject", Guest.Snapshot, "--fault", fault, "--limit", $"{Limit}", "--json"];
        CliResult plain = Cli.Run(inject);
        string site = $"0x{SymbolTable.Load(Images.Otherworld.Path(ImageRoles.SystemMap)).AddressOf("__kmalloc"):x}";
        (string talk, CliResult debugged) = Gdb.Run(Path.GetDirectoryName(Guest.Snapshot)!, inject, $"hbreak *{site}", "continue", "printf \"pc=%lx\\n\", $pc", "detach");
        Assert.That(talk, Does.Contain($"pc={site[2..]}"));
        Assert.That((debugged.Status, debugged.Json("final_hash")), Is.EqualTo((plain.Status, plain.Json("final_hash"))), debugged.Error);
    }

    /// <summary>The kernel's own stacks are told apart on the way from where it broke, in the timer's interrupt, to user mode.</summary>
    [Test]
    public void The_stack_of_a_death_in_an_interrupt_leads_through_it()
    {
        string run = Guest.PathOf("interrupt"), panic = Guest.PathOf("interrupt.snapshot"), snapshot = Guest.PathOf("in-interrupt.snapshot");
        var symbols = SymbolTable.Load(Images.Otherworld.Path(ImageRoles.SystemMap));
        using (GuestConsole console = new(Guest.Snapshot, [], null))
        {
            KernelMemory memory = new(console.Guest.Machine.Memory, console.Guest.Processor);
            console.SetBreakpoint(symbols.AddressOf("tick_sched_timer"), enabled: true);
            byte onItsStack; // an interrupt of user mode stays on the task's
            do
                Assert.That(console.Run(console.Now.VtimeNs + 100_000_000).Reason, Is.EqualTo(StopReason.Breakpoint));
            while (!memory.TryRead(symbols.AddressOf("hardirq_stack_inuse"), out onItsStack) || onItsStack == 0);
            console.Save(snapshot, "test", "in an interrupt");
        }

        using (FaultRun death = new(new FaultRunOptions { Snapshot = snapshot, Fault = FaultSpec.Parse("panic@null-deref,trigger=50,seed=1"), Limit = Limit, Record = run }))
            Assert.That(death.Run().Fault.DetectedIcount, Is.Not.Null);
        Assert.That(Cli.Run("replay", run, "--goto", "panic", "--save", panic, "--json").Status, Is.Zero);
        Assert.That(Cli.Run("dump", panic, "--out", Guest.PathOf("interrupt.core"), "--json").Status, Is.Zero);
        string stack = File.ReadAllText(Guest.PathOf("stack.txt"));
        Assert.That(stack, Does.Match(@"(?s)the kernel dies here\nRIP: .* <IRQ>\n.* tick_sched_timer\+.* </IRQ>\n <TASK>\n asm_sysvec_apic_timer_interrupt\+").And.Contain(" </TASK>"), stack);
    }

    /// <summary>All of one class, each at another place.</summary>
    [TestCase("nop", 5)]
    [TestCase("heap", 2)]
    [TestCase("float", 5)]
    public void Several_faults_are_as_many_changes(string name, int seed)
    {
        FaultRecord fault = Guest.Run($"{name},seed={seed},count=20", Limit).Fault;
        Assert.That(fault.Changes, Has.Count.EqualTo(20));
        Assert.That(fault.Changes.Select(change => (change.Icount, change.Address)), Is.Unique);
        Assert.That(fault.IsActivated, Is.True);
    }

    [Test]
    public void Several_faults_in_calls_take_a_call_each()
    {
        FaultResult result = Guest.Run("leak@kmem_cache_free,seed=1,count=48", Limit);
        Assert.That(result.Fault.Changes.Select(change => change.Icount), Is.Unique.And.Exactly(48).Items);
        Assert.That(result.Outcome, Is.EqualTo(FaultOutcome.NoFailure), "a leak kills nothing");
    }

    /// <summary>Behind the end of a stack nothing is mapped where a call could leave its return address: the kernel faults, the emulator goes on.</summary>
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(4)]
    [TestCase(5)]
    [TestCase(6)]
    public void A_stack_may_be_taken_beyond_its_end(int seed)
    {
        FaultResult result = Guest.Run($"var,seed={seed},count=48", Limit);
        Assert.That(result.Fault.Changes, Is.Not.Empty);
        Assert.That(result.Outcome, Is.EqualTo(FaultOutcome.TookOver));
    }

    /// <summary>Linux says "scheduling while atomic", or "scheduling from the idle thread", and goes on, until nothing runs any more. Our kernels die of it, at once.</summary>
    /// <param name="function">Interrupts, too, call it.</param>
    /// <param name="calls">How many of its calls sleep, so that one of an interrupt is among them.</param>
    [TestCase("ktime_get", 20)]
    [TestCase("read_tsc", 20)]
    public void A_kernel_that_sleeps_in_an_interrupt_dies_there(string function, int calls)
    {
        const ulong onTheWayToTheScheduler = 10_000;
        FaultResult result = Guest.Run($"blocking@{function},seed=1,count={calls}", Limit);
        Assert.That(result.Outcome, Is.EqualTo(FaultOutcome.TookOver));
        Assert.That(result.Fault.DetectedIcount - result.Fault.ActivatedIcount, Is.LessThan(onTheWayToTheScheduler), result.Fault.FailedIn);
    }

    /// <summary>
    /// A register that is not taken off the stack, and IRET takes its frame from one word too low. Linux takes that for an error of the process, whichever was interrupted, and kills it.
    /// </summary>
    [TestCase("restore_regs_and_return_to_kernel+0x15")]
    [TestCase("swapgs_restore_regs_and_return_to_usermode+0x15")]
    public void An_IRET_from_a_wrong_stack_is_no_fault_of_the_process(string pop)
    {
        FaultResult result = Guest.Run($"nop@{pop},seed=1", Limit);
        Assert.That(result.Outcome, Is.EqualTo(FaultOutcome.TookOver));
        Assert.That(result.Fault.Changes[0].Before, Is.EqualTo("5e"), "pop rsi");
        Assert.That(result.Fault.Message, Does.StartWith("bad IRET"));
        Assert.That(result.Processes.Where(process => process.Outcome is not ("ok" or "left")), Is.Empty);
    }

    /// <summary>
    /// A function that has not pushed its frame pointer, or one register, returns to some word of its caller's, where no code is: a function that a call of a process has called, in the
    /// middle of its work. That the chain of calls leads on from there costs nobody anything.
    /// </summary>
    [TestCase("copy_page_from_iter_atomic+0x0")]
    [TestCase("ext4_da_write_begin+0x0")]
    public void A_return_to_where_no_code_is_costs_no_process(string push)
    {
        FaultResult result = Guest.Run($"nop@{push},seed=1", Limit);
        Assert.That(result.Outcome, Is.EqualTo(FaultOutcome.TookOver));
        Assert.That(result.Fault.FailedIn, Does.StartWith("phys_startup_64"), "no function of the kernel");
        Assert.That(result.Processes.Where(process => process.Outcome is not ("ok" or "left")), Is.Empty);
    }

    [Test]
    public void Where_an_interrupt_returns_nothing_is_called()
    {
        FaultResult result = Guest.Run("blocking@native_irq_return_iret,seed=1", Limit);
        Assert.That(result.Fault.Changes, Is.Empty);
    }

    [Test]
    public void Code_that_nobody_executes_activates_nothing()
    {
        FaultResult result = Guest.Run("text@kernel_restart,seed=1", 5_000_000);
        Assert.That((result.Outcome, result.Fault.IsActivated, result.Fault.Changes.Count), Is.EqualTo((FaultOutcome.NotActivated, false, 1)));
    }

    [TestCase("text@no_such_function")]
    [TestCase("irq@memcpy")]
    [TestCase("alloc@memcpy")]
    [TestCase("heap@no_such_cache")]
    [TestCase("stack@no_such_task")]
    [TestCase("panic@no_such_kind")]
    public void A_site_that_is_none_is_refused(string fault) => Assert.That(() => Guest.Run(fault, Limit), Throws.TypeOf<OtherworldException>());

    [TestCase("free,seed=3")]
    [TestCase("var,seed=3")]
    [TestCase("stack,seed=4")]
    [TestCase("leak,seed=5,count=20")]
    public void A_recorded_fault_replays_to_the_same_state(string fault)
    {
        string folder = Guest.PathOf("run-" + fault);
        FaultResult result = Guest.Run(fault, Limit, record: folder);
        Assert.That(result.Fault.Changes, Is.Not.Empty);
        CliResult replay = Cli.Run("replay", folder, "--verify", "--json");
        Assert.That(replay.Status, Is.Zero, replay.Error);
        Assert.That((replay.Json("verdict"), replay.Json("final_hash")), Is.EqualTo(("identical", result.FinalHash)));
    }

    [Test]
    public void A_sweep_counts_only_instructions_of_the_application_inside_system_calls()
    {
        using GuestConsole console = new(Guest.Snapshot, [], null);
        var symbols = SymbolTable.Load(Images.Otherworld.Path(ImageRoles.SystemMap));
        ulong start = console.Guest.Processor.InstructionCount;
        GuestMoment moment = console.Mark();
        IReadOnlyList<IcountSpan> spans = SystemCallSpans.Record(console, symbols, ["load"], 3_000_000);
        ulong points = SystemCallSpans.Count(spans);
        Assert.That(points, Is.InRange(100_000UL, 3_000_000UL));
        ulong previous = start;
        for (int point = 0; point < 10; point++)
        {
            console.Rewind(moment);
            ulong icount = SystemCallSpans.At(spans, points * (ulong)point / 10);
            Assert.That(icount, Is.GreaterThanOrEqualTo(previous));
            previous = icount;
            Assert.That(console.RunToIcount(icount), Is.True);
            Assert.That(console.Guest.Processor.Cpl, Is.Zero);
        }
    }

    [Test]
    [Category("Slow")]
    public void Every_class_finds_a_place_and_ends_in_the_same_state_in_both_engines([ValueSource(nameof(Classes))] string name)
    {
        FaultResult one = Guest.Run($"{name},seed=11", Limit, EngineKind.Interpreter);
        FaultResult other = Guest.Run($"{name},seed=11", Limit, EngineSupport.Best);
        Assert.That(one.Fault.Changes, Is.Not.Empty, name);
        Assert.That((other.FinalHash, other.Fault.ActivatedIcount, other.Fault.DetectedIcount), Is.EqualTo((one.FinalHash, one.Fault.ActivatedIcount, one.Fault.DetectedIcount)));
        Assert.That(other.Fault.Changes, Is.EqualTo(one.Fault.Changes));
    }

    private static IEnumerable<string> Classes => FaultClasses.All.Select(each => each.Name);
}
