using Emu.Core;
using Emu.Core.Machine;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Faults;

namespace Otherworld.Guest.Campaigns;

/// <summary>Does experiments on one machine: warm state, workload to the trigger, fault, death, revival, a look from outside, one row.</summary>
public sealed class ExperimentRun
{
    private readonly CampaignGuest _guest;
    private readonly string _plan;
    private readonly DeathWatch _watch;

    /// <param name="guest">A machine that has been in its warm state.</param>
    /// <param name="plan">Hash of the plan.</param>
    public ExperimentRun(CampaignGuest guest, string plan)
    {
        _guest = guest;
        _plan = plan;
        _watch = new DeathWatch(guest);
    }

    /// <summary>Does one.</summary>
    /// <param name="experiment">Which.</param>
    /// <param name="atFault">Is called when the machine stands just before the fault; null for nothing.</param>
    public ExperimentRow Run(Experiment experiment, Action? atFault = null)
    {
        _guest.Restart();
        GuestConsole console = _guest.Console;
        FaultSpec fault = FaultSpec.Parse(experiment.Fault);
        Workload workload = new(console, _guest.App.Keys);
        FaultInjector injector = new(console, _guest.Symbols, _guest.Warm!.Profile, () => _guest.Types);
        ExperimentRow row = new()
        {
            Plan = _plan,
            Id = experiment.Id,
            App = experiment.App,
            Class = fault.Class,
            Fault = experiment.Fault,
            Injected = _guest.Warm.Icount + fault.Trigger,
            Symbol = "",
            Verdict = Verdict.Invalid,
            Reason = "",
            FinalHash = "",
        };
        try
        {
            row = GoToTrigger(row.Injected, workload) is { } problem ? row with { Reason = problem } : Observe(row, injector, fault, workload, atFault);
        }
        catch (OtherworldException none)
        {
            row = row with { Reason = none.Message }; // the fault has no place here
        }
        finally
        {
            injector.Finish();
        }

        return row with { FinalHash = console.StateHashText() };
    }

    /// <summary>Brings the machine to the instruction before which the fault is injected.</summary>
    /// <returns>What is wrong, or null.</returns>
    private string? GoToTrigger(ulong trigger, Workload workload)
    {
        if (workload.RunToIcount(trigger) is { Reason: not StopReason.Limit } stopped)
            return $"the machine stopped before the fault: {stopped.Reason}";
        workload.Stop();
        return _guest.Console.Guest.Processor.Cpl == 0 ? null : "the instruction of the fault is not the kernel's";
    }

    private ExperimentRow Observe(ExperimentRow row, FaultInjector injector, FaultSpec fault, Workload workload, Action? atFault)
    {
        row = row with { Symbol = _guest.Symbols.Describe(_guest.Console.Guest.Processor.State.Rip) };
        atFault?.Invoke();
        injector.Inject(fault);
        bool died = _watch.WaitForDeath(injector);
        row = row with
        {
            Change = injector.Record.Changes.Count == 0 ? null : string.Join("; ", injector.Record.Changes.Select(change => $"{change.Place}: {change.What}")),
            Activated = injector.Record.ActivatedIcount,
        };
        if (died)
            return Died(row, injector, workload);
        ExperimentRow alive = Alive(row, injector, workload);
        if (!injector.HasDied)
            return alive;
        _watch.DiesLate();
        return Died(row, injector, workload);
    }

    /// <summary>The kernel stands at its way out, or has just taken it.</summary>
    private ExperimentRow Died(ExperimentRow row, FaultInjector injector, Workload workload)
    {
        Moment death = _watch.Death!.Value;
        string? late = _watch.WaitForRevival();
        row = row with
        {
            Detected = death.Icount,
            Death = _watch.Kind,
            PanicSymbol = injector.Record.FailedIn ?? _watch.Place,
            NotResurrected = [.. _watch.Processes.Where(process => process.Outcome is not ("ok" or "left")).Select(process => new LostProcess(process.Pid, process.Comm, process.Outcome))],
        };
        if (late is not null)
            return row with { Verdict = Verdict.NoCrashKernel, Reason = late };
        ResurrectedProcess[] ours = [.. _watch.Processes.Where(process => process.Comm == _guest.App.Comm)];
        if (ours.Length == 0 && workload.IsLookedAt)
            return row with { Reason = "the kernel died when its application had been looked at, and had ended" };
        if (ours.Length == 0)
            return row with { Verdict = Verdict.NotResurrected, Reason = $"{_guest.App.Comm} was not found among the dead" };
        string[] reasons = [.. ours.Where(process => process.Outcome != "ok").Select(process => process.Outcome).Distinct()];
        if (reasons.Length > 0)
            return row with { Verdict = Verdict.NotResurrected, Reason = $"{_guest.App.Comm}: {string.Join(", ", reasons)}" };
        row = row with { Degraded = [.. from part in _watch.Degraded() where ours.Any(process => process.Pid == part.Pid) select part.What] };
        return Judge(row, Look(workload, _watch.Processes), death);
    }

    private AppCheck Look(Workload workload, IReadOnlyList<ResurrectedProcess> processes)
    {
        AppCheck check = _guest.App.Check(_guest.Console, workload, processes);
        workload.IsLookedAt = true;
        return check;
    }

    private static ExperimentRow Judge(ExperimentRow row, AppCheck check, Moment death) => row with
    {
        Verdict = check.State switch
        {
            AppState.Silent => Verdict.NotResurrected,
            AppState.WrongData => Verdict.WrongData,
            AppState.Degraded => Verdict.Degraded,
            _ => row.Degraded.Count > 0 ? Verdict.Degraded : Verdict.Correct,
        },
        Reason = check.Reason,
        LostOperations = check.Lost,
        Observation = check.Observation,
        Interruption = check.Answered is { } answered ? new Moment(answered.Icount - death.Icount, answered.VtimeNs - death.VtimeNs) : null,
    };

    /// <summary>The kernel did not enter its way out in time: it lives, or is dead without having noticed.</summary>
    private ExperimentRow Alive(ExperimentRow row, FaultInjector injector, Workload workload)
    {
        if (_watch.Stopped != StopReason.None)
            return Unnoticed(row, $"the machine stopped: {_watch.Stopped}");
        if (_watch.Hangs)
            return Unnoticed(row, "the kernel hangs, and nobody notices");
        if (injector.HasEnded(_guest.App.Comm))
            return row with { Verdict = Verdict.Unnoticed, Reason = $"{_guest.App.Comm} has ended, and the kernel lives" };
        AppCheck check = Look(workload, []);
        if (injector.HasDied || (check.State == AppState.Silent && _watch.WaitForNotice(injector)))
            return row; // of that look, or of what was wrong before
        if (check.State == AppState.Silent && !AnyShellAnswers())
            return Unnoticed(row, "the kernel did not die, and nothing in it answers any more");
        return check.State == AppState.Correct
            ? row with { Verdict = row.Activated is null ? Verdict.NotActivated : Verdict.NoFailure }
            : row with { Verdict = Verdict.Unnoticed, Reason = check.Reason, LostOperations = check.Lost, Observation = check.Observation };
    }

    /// <summary>A death that no crash kernel was told of.</summary>
    private ExperimentRow Unnoticed(ExperimentRow row, string reason) => row with
    {
        Verdict = Verdict.NoCrashKernel,
        Reason = reason,
        Death = DeathWatch.Unnoticed,
        PanicSymbol = _guest.Symbols.Describe(_guest.Console.Guest.Processor.State.Rip),
    };

    /// <summary>What is typed to a shell must not come to an application, which is on the first line if it has keys.</summary>
    private bool AnyShellAnswers() => Enumerable.Range(0, _guest.Console.Lines.Count).Skip(_guest.App.Keys.Length > 0 ? 1 : 0).Any(line => new GuestShell(_guest.Console, line).CheckAlive() is null);
}
