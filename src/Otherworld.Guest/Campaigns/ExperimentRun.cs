using System.Globalization;
using Emu.Core.Machine;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Experiments;

namespace Otherworld.Guest.Campaigns;

/// <summary>Does experiments on one machine: warm state, workload to the trigger, fault, death, revival, a look from outside, one row.</summary>
public sealed class ExperimentRun
{
    private readonly CampaignGuest _guest;
    private readonly string _plan;
    private readonly DeathWatch _watch;
    private ulong _injectedAt;

    /// <param name="guest">A machine that has been in its warm state.</param>
    /// <param name="plan">Hash of the plan.</param>
    public ExperimentRun(CampaignGuest guest, string plan)
    {
        _guest = guest;
        _plan = plan;
        _watch = new DeathWatch(guest);
    }

    /// <summary>Does one.</summary>
    public ExperimentRow Run(Experiment experiment)
    {
        _guest.Restart();
        GuestConsole console = _guest.Console;
        Workload workload = new(console, _guest.App.Keys);
        ExperimentRow row = new()
        {
            Plan = _plan,
            Id = experiment.Id,
            App = experiment.App,
            Class = experiment.Class,
            Injected = experiment.Trigger,
            Symbol = "",
            Verdict = Verdict.Invalid,
            Reason = "",
            FinalHash = "",
        };
        return (Inject(experiment, workload) is { } problem ? row with { Reason = problem } : Observe(row with { Symbol = _guest.Symbols.Describe(_injectedAt), Activated = experiment.Trigger }, workload)) with
        {
            FinalHash = console.Guest.Machine.StateHash().ToString("x16", CultureInfo.InvariantCulture),
        };
    }

    /// <summary>Brings a machine to the instruction before which the fault of an experiment is injected.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? GoToTrigger(GuestConsole console, Experiment experiment, Workload workload)
    {
        if (workload.RunToIcount(experiment.Trigger) is { Reason: not StopReason.Limit } stopped)
            return $"the machine stopped before the fault: {stopped.Reason}";
        workload.Stop();
        return console.Guest.Processor.Cpl == 0 ? null : "the instruction of the fault is not the kernel's";
    }

    private string? Inject(Experiment experiment, Workload workload)
    {
        GuestConsole console = _guest.Console;
        if (GoToTrigger(console, experiment, workload) is { } problem)
            return problem;
        _injectedAt = console.Guest.Processor.State.Rip;
        new PanicInjector(console.Guest, _guest.Symbols).Apply(PanicKinds.Parse(experiment.Class));
        return null;
    }

    private ExperimentRow Observe(ExperimentRow row, Workload workload)
    {
        if (!_watch.WaitForDeath())
            return Alive(row, workload);
        Moment death = _watch.Death!.Value;
        string? late = _watch.WaitForRevival();
        row = row with
        {
            Detected = death.Icount,
            Death = _watch.Kind,
            PanicSymbol = _watch.Place,
            NotResurrected = [.. _watch.Processes.Where(process => process.Outcome is not ("ok" or "left")).Select(process => new LostProcess(process.Pid, process.Comm, process.Outcome))],
        };
        if (late is not null)
            return row with { Verdict = Verdict.NoCrashKernel, Reason = late };
        ResurrectedProcess[] ours = [.. _watch.Processes.Where(process => process.Comm == _guest.App.Comm)];
        if (ours.Length == 0)
            return row with { Verdict = Verdict.NotResurrected, Reason = $"{_guest.App.Comm} was not found among the dead" };
        string[] reasons = [.. ours.Where(process => process.Outcome != "ok").Select(process => process.Outcome).Distinct()];
        if (reasons.Length > 0)
            return row with { Verdict = Verdict.NotResurrected, Reason = $"{_guest.App.Comm}: {string.Join(", ", reasons)}" };
        row = row with { Degraded = [.. from part in _watch.Degraded() where ours.Any(process => process.Pid == part.Pid) select part.What] };
        return Judge(row, _guest.App.Check(_guest.Console, workload, _watch.Processes), death);
    }

    private static ExperimentRow Judge(ExperimentRow row, AppCheck check, Moment death) => row with
    {
        Verdict = check.State switch
        {
            AppState.Silent => Verdict.NotResurrected,
            AppState.WrongData => Verdict.WrongData,
            _ => row.Degraded.Count > 0 ? Verdict.Degraded : Verdict.Correct,
        },
        Reason = check.Reason,
        LostOperations = check.Lost,
        Interruption = check.Answered is { } answered ? new Moment(answered.Icount - death.Icount, answered.VtimeNs - death.VtimeNs) : null,
    };

    /// <summary>The kernel did not die in time.</summary>
    private ExperimentRow Alive(ExperimentRow row, Workload workload)
    {
        if (_watch.Stopped != StopReason.None)
            return row with { Verdict = Verdict.Unnoticed, Reason = $"the machine stopped: {_watch.Stopped}" };
        AppCheck check = _guest.App.Check(_guest.Console, workload, []);
        return check.State == AppState.Correct
            ? row with { Verdict = Verdict.NoFailure }
            : row with { Verdict = Verdict.Unnoticed, Reason = check.Reason, LostOperations = check.Lost };
    }
}
