using System.Collections.Immutable;
using System.Globalization;
using Emu.Core;
using Otherworld.Guest.Campaigns;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Images;

namespace Otherworld.Guest.Benchmarks;

/// <summary>The suite <c>campaign</c>: a small campaign with the real applications, in this process.</summary>
/// <param name="options">What <c>bench</c> was asked to do.</param>
/// <param name="image">With the applications.</param>
internal sealed class CampaignBench(BenchOptions options, GuestImage image)
{
    /// <summary>Experiments with each application.</summary>
    private const int Points = 40;

    private const ulong Seed = 1;

    private readonly BenchOptions _options = options;
    private readonly GuestImage _image = image;

    /// <summary>Measures.</summary>
    public CampaignFigures Run()
    {
        CampaignFolder folder = new(Directory.CreateTempSubdirectory("otherworld-bench-").FullName);
        try
        {
            WarmStore store = folder.Store(_options.Commit, _options.Progress);
            ICampaignApp[] apps = [.. BenchSuite.Campaign.Items.Where(item => _options.Only.IsEmpty || _options.Only.Contains(item)).Select(CampaignApps.Find)];
            CampaignPlan plan = new CampaignPlanner(_ => _image, _options.Progress) { Store = store }
                .Make(apps, CampaignPlanner.Panics, Math.Max(2, Points / _options.Divisor), Seed, _options.Commit);
            int workers = Environment.ProcessorCount;
            (long one, _) = RunAll(plan, store, folder.File("one.jsonl"), 1);
            (long all, double perMinute) = workers == 1 ? (one, 0) : RunAll(plan, store, folder.File("all.jsonl"), workers);
            ImmutableArray<CampaignFigure> figures = [.. apps.Select(app => Measure(plan, store, app))];
            return new CampaignFigures(figures, workers, new DemoOptions { Image = _image }.MemorySize, one, all, perMinute);
        }
        finally
        {
            Directory.Delete(folder.Path, recursive: true);
        }
    }

    /// <summary>All experiments as <c>campaign run</c> does them.</summary>
    /// <returns>The most memory there was meanwhile, and experiments a minute.</returns>
    private (long Peak, double PerMinute) RunAll(CampaignPlan plan, WarmStore store, string path, int workers)
    {
        GC.Collect();
        ProcessMemory.ForgetPeak();
        long start = _options.Time.GetTimestamp();
        using (RowLog log = RowLog.Open(path))
            new CampaignRun(plan, _ => _image, _options.Progress) { Store = store }.Run(Shard.Whole, log, workers, _ => { }, CancellationToken.None);
        double minutes = _options.Time.GetElapsedTime(start).TotalMinutes;
        long peak = ProcessMemory.Peak();
        _options.Progress(string.Create(CultureInfo.InvariantCulture, $"{plan.Experiments.Count} experiments with {workers} at once: {plan.Experiments.Count / minutes:F1} a minute, {peak >> 20} MiB at most"));
        return (peak, plan.Experiments.Count / minutes);
    }

    private CampaignFigure Measure(CampaignPlan plan, WarmStore store, ICampaignApp app)
    {
        using CampaignGuest guest = new CampaignRun(plan, _ => _image, _options.Progress) { Store = store }.Open(app.Name);
        ExperimentRun run = new(guest, plan.Hash);
        List<double> seconds = [], instructions = [], translated = [];
        foreach (Experiment experiment in plan.Experiments.Where(experiment => experiment.App == app.Name))
        {
            ulong before = guest.Console.Guest.Processor.Translated;
            long start = _options.Time.GetTimestamp();
            if (run.Run(experiment) is { Verdict: Verdict.Invalid } invalid)
                throw new OtherworldException($"{experiment.Id} is invalid: {invalid.Reason}", 1);
            seconds.Add(_options.Time.GetElapsedTime(start).TotalSeconds);
            instructions.Add(guest.Console.Now.Icount - guest.Warm!.Icount);
            translated.Add(guest.Console.Guest.Processor.Translated - before);
        }

        CampaignFigure figure = new(app.Name, seconds.Count, Statistics.Median(seconds), Statistics.Median(instructions), translated[0], Statistics.Median([.. translated.Skip(1)]));
        _options.Progress(string.Create(CultureInfo.InvariantCulture, $"{app.Name}: {figure.PerMinuteAndCore:F1} experiments a minute and core"));
        return figure;
    }
}
