using System.CommandLine;
using Otherworld.Guest.Campaigns;

namespace Otherworld.Cli;

/// <summary><c>campaign merge</c>: one file of the results of all shards.</summary>
internal static class CampaignMergeCommand
{
    public static Command Create()
    {
        Argument<string> folder = CampaignCommand.Folder();
        Option<bool> compress = new("--compress") { Description = "Write results.jsonl.gz. With plan.jsonl it is all that report and repro need." };
        Command command = new("merge", "Put the results of all shards into results.jsonl, in the order of the plan. 1 when experiments are missing.") { folder, compress };
        command.SetAction(parsed =>
        {
            CampaignFolder campaign = new(parsed.GetRequiredValue(folder));
            CampaignPlan plan = campaign.Plan();
            IReadOnlyList<ExperimentRow> rows = CampaignMerge.Merge(plan, campaign.Rows(plan), out IReadOnlyList<string> missing);
            Talk.Line($"wrote {campaign.WriteMerged(rows, parsed.GetValue(compress))}: {rows.Count} rows");
            if (missing.Count > 0)
                Talk.Line($"{missing.Count} experiments have no row yet, {missing[0]} for example; ./otherworld campaign run {campaign.Path} does them");
            return missing.Count == 0 ? ExitCode.Success : ExitCode.NotMet;
        });
        return command;
    }
}
