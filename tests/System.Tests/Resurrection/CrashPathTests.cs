using Iced.Intel;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Symbols;

namespace System.Tests.Resurrection;

/// <summary>A kernel dies of a function that its own death used to need. The next one comes all the same, and with everything of the one that ran.</summary>
[TestFixture]
public sealed class CrashPathTests
{
    /// <summary>Guest nanoseconds in which the watchdog has noticed a hang.</summary>
    private const ulong WatchdogPatience = 5_000_000_000;

    /// <summary>A program in user mode, with values in all registers that a lost death, or one half noted, would lose.</summary>
    private const string Scenario = "registers";

    /// <summary>Where the crash path begins, and where it leaves the kernel.</summary>
    private static readonly string[] Doors = ["otherworld_panic", "otherworld_die", "otherworld_nmi", "ow_crash_run", "ow_fault"];

    /// <summary>What it may call of the kernel: for the message of panic(), when everything else is saved.</summary>
    private static readonly string[] Allowed = ["vscnprintf"];

    [Test]
    public void No_function_of_the_kernel_is_called_but_one()
    {
        SortedSet<string> called = new(StringComparer.Ordinal);
        Queue<string> open = new(Doors);
        WitnessGuest guest = WitnessGuest.AtPrompt();
        while (open.TryDequeue(out string? function))
        {
            foreach (string callee in CallsOf(guest, function).Where(called.Add))
            {
                if (IsOurs(callee))
                    open.Enqueue(callee);
            }
        }

        Assert.That(called, Has.Member("ow_leave").And.Member("ow_switch_stack"), "otherwise these are not the calls of the crash path");
        Assert.That(called.Where(name => !IsOurs(name)), Is.EquivalentTo(Allowed));
    }

    [TestCase("__memcpy", PanicKind.StackOverflow)]
    [TestCase("__memcpy", PanicKind.HangIrqOff)]
    [TestCase("format_decode", PanicKind.StackOverflow)]
    [TestCase("format_decode", PanicKind.Hang)]
    [TestCase("save_fpregs_to_fpstate", PanicKind.StackOverflow)]
    [TestCase("save_fpregs_to_fpstate", PanicKind.HangIrqOff)]
    [TestCase("native_sched_clock", PanicKind.Hang)]
    [TestCase("native_sched_clock", PanicKind.HangIrqOff)]
    public void A_death_is_not_lost_that_comes_of(string function, PanicKind kind)
    {
        WitnessGuest guest = Working();
        guest.RunTo(function);
        Assert.That(guest.TryKill(kind, WatchdogPatience), Is.True, guest.Tail());
        guest.WaitForGate();
        Assert.That(guest.Marks.Select(mark => mark.Name), Has.Member("panic").And.No.Member("panic-again"), guest.Tail());
        Assert.That(guest.WaitForVerdict(Scenario), Is.EqualTo("ok"), guest.Tail());
    }

    /// <summary>What makes the message of a panic is called last; if it is broken the message is the text without its arguments.</summary>
    [TestCase(PanicKind.Bug)]
    [TestCase(PanicKind.StackOverflow)]
    [TestCase(PanicKind.Hang)]
    [TestCase(PanicKind.HangIrqOff)]
    public void A_second_death_on_the_way_out_is_one_too(PanicKind kind)
    {
        WitnessGuest guest = Working();
        guest.TypeOn(1, "echo c > /proc/sysrq-trigger\n");
        guest.RunTo("ow_crash_run");
        guest.RunTo("vscnprintf");
        guest.Break(kind);
        guest.WaitForGate();
        GuestMark panic = guest.Marks.Single(mark => mark.Name == "panic");
        Assert.That(panic.Values["kind"], Is.EqualTo("1"));
        Assert.That(panic.Values["message"], Is.EqualTo("\"sysrq"), guest.Tail());
        Assert.That(guest.WaitForVerdict(Scenario), Is.EqualTo("ok"), guest.Tail());
        guest.WaitForEnd();
        Assert.That(guest.Ask("cat /proc/otherworld/status"), Does.Contain("dead_depth=2").And.Contain("dead_message=sysrq triggered crash"));
    }

    /// <summary>The highest table of the process that runs has an entry overwritten: that of all memory as the kernel has it mapped, by which the crash path finds what waits.</summary>
    [TestCase(0UL)]
    [TestCase(0x8000_0001_0091_1163UL)]
    public void A_death_is_not_lost_that_has_no_memory_in_its_page_tables(ulong entry)
    {
        WitnessGuest guest = Working();
        guest.RunTo("vfs_read");
        guest.Overwrite(guest.EntryOfDirectMap, entry);
        Assert.That(guest.TryKill(PanicKind.Bug, WatchdogPatience), Is.True, guest.Tail());
        guest.WaitForGate();
        Assert.That(guest.Marks.Single(mark => mark.Name == "panic").Values["message"], Is.EqualTo("\"invalid"), "opcode: of the two deaths it is the first");
        Assert.That(guest.WaitForVerdict(Scenario), Is.EqualTo("ok"), guest.Tail());
    }

    /// <summary>
    /// The scheduler is never told that another thread is to run. Timers go on, so that the watchdog sees the kernel come by; and to look for tasks that hang is a thread's work. The kernel's
    /// clock is put on, so as not to wait.
    /// </summary>
    [Test]
    public void A_kernel_in_which_no_thread_gets_its_turn_dies()
    {
        const ulong justReturns = 0xc3; // RET
        const ulong fewTicks = 50_000_000;
        const ulong longerThanBetweenLooks = 10_000; // ticks
        const int looks = 6;
        WitnessGuest guest = Working();
        guest.RunToUserMode();
        guest.Overwrite(guest.Symbols.AddressOf("resched_curr"), justReturns);
        ulong clock = guest.Symbols.AddressOf("jiffies_64");
        bool dies = false;
        for (int look = 0; look < looks && !dies; look++)
        {
            guest.Overwrite(clock, guest.Word(clock) + longerThanBetweenLooks);
            dies = guest.TryRunToDeath(fewTicks);
        }

        Assert.That(dies, Is.True, guest.Tail());
        guest.WaitForGate();
        Assert.That(guest.Tail(), Does.Contain("died: no thread gets its turn"));
        Assert.That(guest.WaitForVerdict(Scenario), Is.EqualTo("ok"), guest.Tail());
    }

    /// <summary>A kernel whose threads do get their turn is left alone, idle or not.</summary>
    [Test]
    public void A_kernel_that_is_idle_lives()
    {
        const ulong longer = 60_000_000_000;
        WitnessGuest guest = WitnessGuest.AtPrompt();
        Assert.That(guest.TryRunToDeath(longer), Is.False, guest.Tail());
        Assert.That(guest.Ask("cat /proc/otherworld/status"), Does.Contain("generation=1"));
    }

    /// <summary>The scenario in user mode, and a shell that keeps the kernel busy.</summary>
    private static WitnessGuest Working()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.StartAndWait([Scenario]);
        guest.TypeOn(1, "ps; cat /proc/meminfo\n");
        return guest;
    }

    private static bool IsOurs(string name) => name.StartsWith("ow_", StringComparison.Ordinal) || name.StartsWith("otherworld_", StringComparison.Ordinal);

    /// <summary>The functions that one calls, or goes on in.</summary>
    private static SortedSet<string> CallsOf(WitnessGuest guest, string function)
    {
        const ulong imageBase = 0xFFFF_FFFF_8000_0000; // __START_KERNEL_map; the first kernel lies where it is linked
        ulong start = guest.Symbols.AddressOf(function);
        byte[] code = new byte[guest.Symbols.Symbols.First(symbol => symbol.Address > start).Address - start];
        Assert.That(guest.Memory.TryRead(start - imageBase, code), Is.True);
        SortedSet<string> called = new(StringComparer.Ordinal);
        for (Decoder decoder = Decoder.Create(64, code, start); decoder.IP < start + (ulong)code.Length;)
        {
            Instruction instruction = decoder.Decode();
            Assert.That(instruction.FlowControl, Is.Not.EqualTo(FlowControl.IndirectCall), $"{function} calls what nobody can foretell");
            bool leaves = instruction.IsCallNear || ((instruction.IsJmpShortOrNear || instruction.IsJccShortOrNear) && instruction.NearBranchTarget - start >= (ulong)code.Length);
            if (leaves && guest.Symbols.TryFind(instruction.NearBranchTarget, out Symbol callee))
                called.Add(callee.Name);
        }

        return called;
    }
}
