using System.Globalization;
using Otherworld.Guest.Experiments;

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
        "call-create", "call-truncate", "call-close", "call-dup2", "call-munmap", "call-mremap", "call-brk", "call-execve", "call-fork", "call-thread", "call-exit",
        "call-kill", "call-setuid", "call-fsync",
        "call-unix-read", "call-unix-write", "call-unix-receive", "call-unix-send", "call-unix-accept", "call-unix-connect", "call-unix-bind",
        "call-tcp-read", "call-tcp-write", "call-tcp-accept", "call-tcp-connect",
        "call-eventfd-read", "call-eventfd-write", "call-timerfd-read", "call-timerfd-settime", "call-signalfd-read",
        "call-epoll-add", "call-epoll-delete", "call-epoll-wait", "call-epoll-wait-once",
    ];

    /// <summary>What a call may be refused for, with the scenario it happens in; a map of memory that execve has half built can show in three ways.</summary>
    private static readonly HashSet<string> Refusals =
    [
        "call-execve execve", "call-execve damaged-mm", "call-execve special-mapping", "call-mremap mremap", "call-mremap damaged-mm", "call-munmap damaged-mm", "call-read read", "call-pipe-read read", "call-pipe-write write", "call-exit wait",
        "call-unix-read read", "call-unix-write write", "call-unix-receive read", "call-unix-send write", "call-unix-accept accept",
        "call-tcp-read read", "call-tcp-write write", "call-tcp-accept accept",
        "call-eventfd-read read", "call-eventfd-write write", "call-timerfd-read read", "call-signalfd-read read", "call-epoll-wait-once epoll",
    ];

    /// <summary>
    /// Answers that are not true, out of windows of some hundred instructions that docs/resurrection-syscalls.md names under "What this does not promise".
    /// </summary>
    private static readonly HashSet<string> KnownGaps =
    [
        "call-link wrong it answered File exists",
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

    /// <summary>Between the move of the position and the return, only the processor knows how much was read.</summary>
    [Test]
    public void A_read_that_has_moved_the_position_is_refused()
    {
        const string scenario = "call-read";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("vfs_read");
        guest.ReturnTo("ksys_read");
        Assert.That(Die(guest, scenario), Is.EqualTo("read"), guest.Tail());
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

    private static void Sweep(string scenario, bool interrupt, int points)
    {
        List<string> failures = [];
        int gaps = 0;
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
            if (KnownGaps.Contains($"{scenario} {outcome}"))
                gaps++;
            else if (!outcome.StartsWith("ok", StringComparison.Ordinal) && outcome is not ("fpu" or "lost-page") && !Refusals.Contains($"{scenario} {outcome}"))
                failures.Add(string.Create(CultureInfo.InvariantCulture, $"point {point} of {points} in {length} instructions, in {inside}, at {place}: {outcome}\n{guest.Tail()}"));
        }

        TestContext.Out.WriteLine($"{scenario}, {length} instructions: {string.Join(", ", outcomes.Select(outcome => $"{outcome.Value} x {outcome.Key}"))}");
        Assert.That(failures, Is.Empty, string.Join('\n', failures));
        Assert.That(gaps, Is.LessThanOrEqualTo(points / 40), "a known gap is wider than it was");
    }

    /// <summary>Kills the kernel and waits for the verdict: <c>ok RESULT</c>, what was wrong, or the reason of a refusal; nobody else is refused.</summary>
    private static string Die(WitnessGuest guest, string scenario)
    {
        GuestMoment here = guest.Now();
        for (ulong further = 16; !guest.TryKill(); further += 16) // it survives a fault in an instruction that may fault
        {
            guest.GoBackTo(here);
            guest.RunInstructions(further);
            guest.RunToKernelMode();
        }

        guest.WaitForGate();
        string? verdict = guest.WaitForVerdict(scenario);
        GuestMark? refusal = guest.Marks.FirstOrDefault(mark => mark.Name == "not-resurrected" && mark.Values["reason"] != "exited");
        return refusal?.Values["reason"] ?? verdict ?? "silence";
    }
}
