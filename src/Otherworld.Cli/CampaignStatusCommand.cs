using System.CommandLine;
using System.Globalization;
using Otherworld.Guest.Campaigns;

namespace Otherworld.Cli;

/// <summary><c>campaign status</c>: how far all shards are.</summary>
internal static class CampaignStatusCommand
{
    public static Command Create()
    {
        Argument<string> folder = CampaignCommand.Folder();
        Command command = new("status", "How far a campaign is, while it runs or afterwards.") { folder };
        command.SetAction(parsed =>
        {
            CampaignFolder campaign = new(parsed.GetRequiredValue(folder));
            CampaignPlan plan = campaign.Plan();
            IReadOnlyList<ExperimentRow> rows = campaign.Rows(plan);
            foreach (PlannedApp app in plan.Header.Apps)
            {
                ExperimentRow[] own = [.. rows.Where(row => row.App == app.Name).DistinctBy(row => row.Id)];
                IEnumerable<string> words = own.GroupBy(row => row.Verdict).OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.Key}");
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{app.Name,-10} {own.Length,6} of {plan.Experiments.Count(experiment => experiment.App == app.Name),6}  {string.Join(", ", words)}"));
            }

            return ExitCode.Success;
        });
        return command;
    }
}
