using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Emu.Core;
using Otherworld.Guest.Campaigns;
using Spectre.Console;

namespace Otherworld.Cli;

/// <summary><c>campaign run</c>: does the experiments that have no result yet.</summary>
internal static class CampaignRunCommand
{
    public static Command Create()
    {
        Argument<string> folder = CampaignCommand.Folder();
        Option<string?> shard = new("--shard") { Description = "Only the i-th of n parts, for many machines; each has a file of its own.", HelpName = "i/n" };
        Option<int> workers = new("--workers") { Description = "Machines at once, 512 MiB each (as many as this host has processors).", DefaultValueFactory = _ => Environment.ProcessorCount, HelpName = "N" };
        Command command = new("run", "Do the experiments that have no result yet. May be stopped at any moment, also by kill -9, and started again: it goes on where it was. 0 when all are done and none is invalid.") { folder, shard, workers };
        command.SetAction(parsed =>
        {
            using CancellationTokenSource cancel = new();
            using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
            using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
            if (parsed.GetValue(workers) is < 1 or > 1024)
                throw new OtherworldException($"--workers {parsed.GetValue(workers)}: wanted is a number from 1 to 1024.");
            return Run(new CampaignFolder(parsed.GetRequiredValue(folder)), parsed.GetValue(shard) is { } part ? Shard.Parse(part) : Shard.Whole, parsed.GetValue(workers), cancel.Token);

            void End(PosixSignalContext signal)
            {
                signal.Cancel = true;
                Talk.Line("ends after the experiments that run");
                cancel.Cancel();
            }
        });
        return command;
    }

    private static int Run(CampaignFolder folder, Shard shard, int workers, CancellationToken cancel)
    {
        CampaignPlan plan = folder.Plan();
        using RowLog log = RowLog.Open(folder.RowsOf(shard));
        HashSet<string> wanted = [.. shard.Of(plan).Select(experiment => experiment.Id)];
        int total = wanted.Count;
        List<ExperimentRow> rows = [.. folder.Rows(plan).Where(row => wanted.Contains(row.Id)).DistinctBy(row => row.Id)];
        Talk.Line($"plan {plan.Hash}: {total} experiments, {rows.Count} of them done; {workers} at once");
        Stopwatch time = Stopwatch.StartNew();
        CampaignRun run = new(plan, CampaignCommand.Images(plan), Talk.Line) { Store = folder.Store(BuildInfo.Commit, Talk.Line), Known = [.. rows] };
        int before = rows.Count;
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (terminal.Profile.Out.IsTerminal)
        {
            terminal.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(context =>
            {
                ProgressTask bar = context.AddTask("experiments", maxValue: total);
                bar.Value = rows.Count;
                run.Run(shard, log, workers, row =>
                {
                    rows.Add(row);
                    bar.Value = rows.Count;
                    bar.Description = Markup.Escape(Line(rows, rows.Count - before, time.Elapsed));
                }, cancel);
            });
        }
        else
        {
            run.Run(shard, log, workers, row =>
            {
                rows.Add(row);
                if (Verdicts.IsFailure(row.Verdict))
                    Talk.Line($"{row.Id} {row.Fault} at {row.Symbol}: {row.Verdict}, {row.Reason}");
                if (rows.Count % 20 == 0)
                    Talk.Line($"{rows.Count} of {total}: {Line(rows, rows.Count - before, time.Elapsed)}");
            }, cancel);
        }

        Talk.Line($"{rows.Count} of {total}: {Line(rows, rows.Count - before, time.Elapsed)}");
        return rows.Count == total && rows.All(row => row.Verdict != Verdict.Invalid) ? ExitCode.Success : ExitCode.NotMet;
    }

    private static string Line(List<ExperimentRow> rows, int fresh, TimeSpan time)
    {
        int deaths = rows.Count(row => Verdicts.IsDeath(row.Verdict));
        int correct = rows.Count(row => row.Verdict == Verdict.Correct);
        return string.Create(CultureInfo.InvariantCulture, $"{correct} of {deaths} deaths survived, {fresh / time.TotalMinutes:0.0} a minute");
    }
}
