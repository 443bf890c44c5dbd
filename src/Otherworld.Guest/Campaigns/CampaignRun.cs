using Emu.Core;
using Otherworld.Guest.Images;

namespace Otherworld.Guest.Campaigns;

/// <summary>
/// Runs the experiments of a shard that have no row yet, on several machines at once. An application is booted once; every machine is then brought to
/// its warm state.
/// </summary>
public sealed class CampaignRun
{
    /// <summary>How the reason of a row begins whose experiment ran twice and ended in two ways.</summary>
    public const string Differed = "run twice, it ended differently";

    private readonly CampaignPlan _plan;
    private readonly Func<ICampaignApp, GuestImage> _image;
    private readonly Action<string> _progress;
    private readonly Lock _queueLock = new();
    private readonly Lock _logLock = new();
    private readonly Dictionary<string, Lazy<WarmState>> _warm = [];
    private Queue<Experiment> _queue = [];

    /// <param name="plan">The plan.</param>
    /// <param name="image">Where an application's image is.</param>
    /// <param name="progress">Told what happens, for a person; from several threads.</param>
    public CampaignRun(CampaignPlan plan, Func<ICampaignApp, GuestImage> image, Action<string> progress)
    {
        _plan = plan;
        _image = image;
        _progress = progress;
        foreach (PlannedApp app in plan.Header.Apps)
            _warm.Add(app.Name, new Lazy<WarmState>(() => WarmUp(app)));
    }

    /// <summary>Keeps warm states; null keeps none, and each application is booted.</summary>
    public WarmStore? Store { get; init; }

    /// <summary>Rows that lie in other files than the log: their experiments are not run again.</summary>
    public IReadOnlyList<ExperimentRow> Known { get; init; } = [];

    /// <summary>Runs what is left.</summary>
    /// <param name="shard">Which part of the plan.</param>
    /// <param name="log">Where rows go; what is in it is not run again.</param>
    /// <param name="workers">Machines at once.</param>
    /// <param name="done">Told every new row, one at a time.</param>
    /// <param name="cancel">Ends it after the experiments that run.</param>
    /// <exception cref="OtherworldException">An application does not come to the state the plan was made for.</exception>
    public void Run(Shard shard, RowLog log, int workers, Action<ExperimentRow> done, CancellationToken cancel)
    {
        if (log.Rows.FirstOrDefault(row => row.Plan != _plan.Hash) is { } foreign)
            throw new OtherworldException($"the results have rows of plan {foreign.Plan}, and this is plan {_plan.Hash}. Results belong to the plan they were made by.");
        HashSet<string> known = [.. log.Rows.Concat(Known).Select(row => row.Id)];
        _queue = new Queue<Experiment>(shard.Of(_plan).Where(experiment => !known.Contains(experiment.Id)));
        Task[] running = [.. Enumerable.Range(0, Math.Min(workers, Math.Max(_queue.Count, 1))).Select(_ => Task.Factory.StartNew(() => Work(Finish, cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        try
        {
            Task.WaitAll(running, CancellationToken.None);
        }
        catch (AggregateException problems)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(problems.InnerExceptions[0]);
        }

        void Finish(ExperimentRow row)
        {
            lock (_logLock)
            {
                log.Append(row);
                done(row);
            }
        }
    }

    /// <summary>Does one experiment by itself.</summary>
    /// <param name="experiment">Of the plan.</param>
    /// <param name="atFault">Is called when the guest stands just before the fault.</param>
    /// <param name="atEnd">Is called when all is done.</param>
    /// <exception cref="OtherworldException">The application does not come to the state the plan was made for.</exception>
    public ExperimentRow Repeat(Experiment experiment, Action<CampaignGuest> atFault, Action<CampaignGuest> atEnd)
    {
        using CampaignGuest guest = Open(experiment.App);
        ExperimentRow row = new ExperimentRun(guest, _plan.Hash).Run(experiment, () => atFault(guest));
        guest.Console.FinishDebugging();
        atEnd(guest);
        return row;
    }

    private void Work(Action<ExperimentRow> finish, CancellationToken cancel)
    {
        CampaignGuest? guest = null;
        ExperimentRun? run = null;
        try
        {
            while (!cancel.IsCancellationRequested && Take() is { } experiment)
            {
                if (guest?.App.Name != experiment.App)
                {
                    guest?.Dispose();
                    guest = Open(experiment.App);
                    run = new ExperimentRun(guest, _plan.Hash);
                }

                ExperimentRow row = run!.Run(experiment);
                if (experiment.Twice)
                    row = Again(guest, run, experiment, row);
                finish(row);
            }
        }
        catch
        {
            lock (_queueLock)
                _queue.Clear(); // the others end too
            throw;
        }
        finally
        {
            guest?.Dispose();
        }
    }

    /// <summary>Once more, with nothing left of what the processor had made of the code.</summary>
    private static ExperimentRow Again(CampaignGuest guest, ExperimentRun run, Experiment experiment, ExperimentRow row)
    {
        guest.Console.DropCaches();
        ExperimentRow again = run.Run(experiment);
        return again.ToJson() == row.ToJson() ? row : row with { Verdict = Verdict.Invalid, Reason = $"{Differed}: {row.Verdict} {row.FinalHash}, then {again.Verdict} {again.FinalHash}" };
    }

    private Experiment? Take()
    {
        lock (_queueLock)
            return _queue.TryDequeue(out Experiment? experiment) ? experiment : null;
    }

    /// <summary>A machine in the warm state of an application of the plan.</summary>
    /// <exception cref="OtherworldException">It does not come to the state the plan was made for.</exception>
    public CampaignGuest Open(string name)
    {
        ICampaignApp app = CampaignApps.Find(name);
        WarmState warm = _warm[name].Value;
        CampaignGuest guest = new(app, _image(app));
        guest.Enter(warm);
        return guest;
    }

    private WarmState WarmUp(PlannedApp planned)
    {
        ICampaignApp app = CampaignApps.Find(planned.Name);
        return FromStore(app, planned) ?? Boot(app, planned);
    }

    private WarmState? FromStore(ICampaignApp app, PlannedApp planned)
    {
        if (Store is null)
            return null;
        using CampaignGuest guest = new(app, _image(app));
        return guest.Content == planned.Content && Store.TryEnter(guest, planned) ? guest.Profile(guest.Warm!) : null;
    }

    private WarmState Boot(ICampaignApp app, PlannedApp planned)
    {
        _progress($"{app.Name}: boots and comes under load");
        using CampaignGuest guest = new(app, _image(app));
        if (guest.Content != planned.Content)
            throw new OtherworldException($"the plan is for another image of {app.Name}: content {planned.Content}, and here is {guest.Content}. Check out commit {_plan.Header.Commit} for it, or plan again.");
        WarmState warm = guest.WarmUp();
        if (warm.Hash != planned.WarmHash)
            throw new OtherworldException($"{app.Name} comes to state {warm.Hash} under load, and the plan was made for {planned.WarmHash}: the program computes something else than commit {_plan.Header.Commit}. Plan again.");
        Store?.Save(guest);
        return guest.Profile(warm);
    }
}
