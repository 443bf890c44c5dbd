using Otherworld.Guest.Consoles;
using Otherworld.Guest.Crashes;

namespace System.Tests.Resurrection;

/// <summary>
/// A kernel dies in the assembler code through which it is entered from user mode and left, where the user's registers are partly on a stack and partly in the
/// processor. Either the process has all of them afterwards, or it is refused: docs/resurrection-entry.md.
/// </summary>
[TestFixture]
public sealed class EntryTests
{
    /// <summary>The ways into the kernel: the scenario that takes it all the time, how to stand at its first kernel instruction, and how many places it has at least.</summary>
    private static readonly Dictionary<string, (string Scenario, Action<WitnessGuest> Enter, int FewestPlaces)> Ways = new(StringComparer.Ordinal)
    {
        ["device interrupt"] = ("registers", InterruptByDevice, 51),
        ["timer interrupt"] = ("registers", guest => guest.RunTo("asm_sysvec_apic_timer_interrupt"), 51),
        ["page fault"] = ("registers-in-faults", guest => guest.RunTo("asm_exc_page_fault"), 51),
        ["system call"] = ("registers-in-calls", Call, 51),
        ["single step"] = ("registers-in-steps", guest => guest.RunTo("asm_exc_debug"), 51),
        ["NMI"] = ("registers", InterruptByNmi, 41),
    };

    private static IEnumerable<string> WayNames => Ways.Keys;

    [TestCaseSource(nameof(WayNames))]
    public void No_register_is_lost_by(string way) => Sweep(way, PanicKind.Bug, every: 17);

    [TestCaseSource(nameof(WayNames))]
    [Category("Slow")]
    public void No_register_is_lost_at_any_instruction_of(string way) => Sweep(way, PanicKind.Bug, every: 1);

    [Test]
    [Category("Slow")]
    public void No_wrong_register_is_called_right(
        [ValueSource(nameof(WayNames))] string way,
        [Values(PanicKind.NullDeref, PanicKind.StackOverflow)] PanicKind kind) => Sweep(way, kind, every: 1);

    [Test]
    public void The_bases_of_FS_and_GS_that_user_mode_has_set_come_back()
    {
        const string scenario = "segment-bases";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.StartAndWait([scenario]);
        guest.Pass(50_000_000);
        guest.RunToUserMode();
        guest.RunToInterruptHandler();
        Assert.That(Die(guest, PanicKind.Bug, scenario), Is.EqualTo("ok"), guest.Tail());
    }

    /// <summary>In front of SWAPGS an exception cannot be pushed on the user's stack: a double fault puts another base over the user's, which nobody has seen yet.</summary>
    [Test]
    public void The_base_of_GS_survives_a_double_fault_before_SWAPGS()
    {
        const string scenario = "segment-base-in-calls";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.StartAndWait([scenario]);
        guest.Pass(50_000_000);
        guest.RunToUserMode();
        guest.RunTo("entry_SYSCALL_64");
        Assert.That(Die(guest, PanicKind.Bug, scenario), Is.EqualTo("ok"), guest.Tail());
    }

    /// <summary>What kills the kernel has overwritten RAX first: where that is saved already, or still, nothing is lost.</summary>
    [TestCase("entry_SYSCALL_64_after_hwframe", 1)]
    [TestCase("entry_SYSCALL_64_after_hwframe", 6)]
    [TestCase("syscall_return_via_sysret", 2)]
    [TestCase("syscall_return_via_sysret", 9)]
    public void An_overwritten_register_that_is_on_the_stack_comes_back(string label, int instructions)
    {
        WitnessGuest guest = AheadOfCall();
        guest.RunTo(label);
        guest.RunInstructions((ulong)instructions);
        Assert.That(Die(guest, PanicKind.NullDeref, "registers-in-calls"), Is.EqualTo("ok"), guest.Tail());
    }

    /// <summary>Where it is in the processor alone, it is gone with it.</summary>
    [TestCase("entry_SYSCALL_64_after_hwframe", 0)]
    [TestCase("syscall_return_via_sysret", 11)]
    public void An_overwritten_register_that_is_nowhere_else_costs_the_process(string label, int instructions)
    {
        WitnessGuest guest = AheadOfCall();
        guest.RunTo(label);
        guest.RunInstructions((ulong)instructions);
        Assert.That(Die(guest, PanicKind.NullDeref, "registers-in-calls"), Is.EqualTo("refused: entry"), guest.Tail());
    }

    /// <summary>A kernel that hangs there is ended by an NMI, which puts another base over the user's, too.</summary>
    [Test]
    public void The_base_of_GS_survives_an_NMI_before_SWAPGS()
    {
        const string scenario = "segment-base-in-calls";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.StartAndWait([scenario]);
        guest.Pass(50_000_000);
        guest.RunToUserMode();
        guest.RunTo("entry_SYSCALL_64");
        guest.InterruptByNmi();
        Assert.That(Die(guest, PanicKind.Hang, scenario), Is.EqualTo("ok"), guest.Tail());
    }

    /// <summary>
    /// On the stack by which the kernel is entered it goes on where no code is. What it did with that stack until then nobody knows: it may have slept on it, and what lies there be another
    /// process's.
    /// </summary>
    [Test]
    public void No_register_is_taken_from_a_kernel_that_has_left_entry_code_for_nowhere()
    {
        const ulong nowhere = 0x1000;
        const ulong patience = 300_000_000;
        const string scenario = "registers-in-faults";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.StartAndWait([scenario]);
        guest.Pass(50_000_000);
        guest.RunToUserMode();
        guest.RunTo("asm_exc_page_fault");
        guest.RunTo("error_entry");
        guest.Overwrite(guest.StackPointer, nowhere);
        Assert.That(guest.TryRunToDeath(patience), Is.True, guest.Tail());
        Assert.That(AfterDeath(guest, scenario), Is.EqualTo("refused: entry"), guest.Tail());
    }

    /// <summary>The change from one task to another, at a time when the processor has a part of either: both ways, one after the other.</summary>
    [Test]
    public void No_register_is_lost_in_the_change_of_tasks() => Switch(every: 11);

    [Test]
    [Category("Slow")]
    public void No_register_is_lost_at_any_instruction_of_the_change_of_tasks() => Switch(every: 1);

    private static void Switch(int every)
    {
        const string scenario = "registers-in-switches";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.StartAndWait([scenario]);
        guest.Pass(50_000_000);
        List<string> failures = [];
        for (int change = 0; change < 2; change++)
        {
            guest.RunTo("__switch_to_asm");
            IReadOnlyList<ulong> places = guest.Places(() => guest.IsIn("finish_task_switch"));
            GuestMoment start = guest.Now();
            for (int i = 0; i < places.Count; i += every)
            {
                guest.GoBackTo(start);
                guest.RunInstructions(places[i] - guest.Icount);
                string place = guest.Place;
                string outcome = Die(guest, PanicKind.Bug, scenario);
                if (outcome != "ok")
                    failures.Add($"change {change}, at {place}: {outcome}\n{guest.Tail()}");
            }

            TestContext.Out.WriteLine($"change {change}: {places.Count} places");
            guest.GoBackTo(start);
        }

        Assert.That(failures, Is.Empty, string.Join('\n', failures));
    }

    private static WitnessGuest AheadOfCall()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.StartAndWait(["registers-in-calls"]);
        guest.Pass(50_000_000);
        guest.RunToUserMode();
        Call(guest);
        return guest;
    }

    private static void InterruptByDevice(WitnessGuest guest)
    {
        guest.Interrupt();
        guest.RunTo("asm_common_interrupt");
    }

    private static void InterruptByNmi(WitnessGuest guest)
    {
        guest.InterruptByNmi();
        guest.RunTo("asm_exc_nmi");
    }

    private static void Call(WitnessGuest guest)
    {
        guest.RunTo("__x64_sys_getpid");
        guest.RunToUserMode();
        guest.RunTo("entry_SYSCALL_64"); // to ask whether the kernel has died
        guest.RunToUserMode();
        guest.RunTo("entry_SYSCALL_64"); // the one with known registers
    }

    /// <summary>Dies at every so many-th instruction of the way in and out.</summary>
    private static void Sweep(string way, PanicKind kind, int every)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.StartAndWait([Ways[way].Scenario]);
        guest.Pass(50_000_000);
        guest.RunToUserMode();
        Ways[way].Enter(guest);
        IReadOnlyList<ulong> places = guest.PlacesInEntryCode();
        GuestMoment entry = guest.Now();
        List<string> failures = [];
        SortedDictionary<string, int> outcomes = new(StringComparer.Ordinal);
        for (int i = 0; i < places.Count; i += every)
        {
            guest.GoBackTo(entry);
            guest.RunInstructions(places[i] - guest.Icount);
            string place = guest.Place;
            string outcome = Die(guest, kind, Ways[way].Scenario);
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            if (outcome != "ok")
                TestContext.Out.WriteLine($"{place}: {outcome}");
            if (outcome != "ok" && (kind == PanicKind.Bug || outcome != "refused: entry"))
                failures.Add($"at {place}: {outcome}\n{guest.Tail()}");
        }

        TestContext.Out.WriteLine($"{kind} on the way of a {way}, {places.Count} places: {string.Join(", ", outcomes.Select(outcome => $"{outcome.Value} x {outcome.Key}"))}");
        Assert.That(places, Has.Count.AtLeast(Ways[way].FewestPlaces));
        Assert.That(failures, Is.Empty, string.Join('\n', failures));
    }

    /// <summary>Kills the kernel and waits for the verdict: <c>ok</c>, what was wrong, or the reason of a refusal.</summary>
    private static string Die(WitnessGuest guest, PanicKind kind, string scenario)
    {
        if (!guest.TryKill(kind))
            return "the kernel lives";
        return AfterDeath(guest, scenario);
    }

    private static string AfterDeath(WitnessGuest guest, string scenario)
    {
        guest.WaitForGate();
        GuestMark? refusal = guest.Marks.FirstOrDefault(mark => mark.Name == "not-resurrected" && mark.Values["comm"] == "witness" && mark.Values["reason"] != "exited");
        return refusal is not null ? "refused: " + refusal.Values["reason"] : guest.WaitForVerdict(scenario) ?? "silence";
    }
}
