using System.CommandLine;
using System.Text;
using Emu.Core.Snapshots;
using Otherworld.Guest.Campaigns;
using Otherworld.Guest.Campaigns.Reports;

namespace Otherworld.Cli;

/// <summary><c>campaign report</c>: the figures, for people and for programs.</summary>
internal static class CampaignReportCommand
{
    public static Command Create()
    {
        Argument<string> folder = CampaignCommand.Folder();
        Command command = new("report", "Write report.html (one file, with its plots), report.md, summary.json and results.parquet into the folder, of what is done so far; the table of applications goes to standard output.") { folder };
        command.SetAction(parsed =>
        {
            CampaignFolder campaign = new(parsed.GetRequiredValue(folder));
            CampaignPlan plan = campaign.Plan();
            IReadOnlyList<ExperimentRow> rows = CampaignMerge.Merge(plan, campaign.Rows(plan), out _);
            IReadOnlyList<ReportSection> sections = new CampaignReport(plan, rows, campaign.Path).Sections();
            Write(campaign.File("report.html"), Encoding.UTF8.GetBytes(HtmlPage.Of(sections)));
            Write(campaign.File("report.md"), Encoding.UTF8.GetBytes(MarkdownPage.Of(sections)));
            Write(campaign.File("summary.json"), Encoding.UTF8.GetBytes(CampaignSummary.Of(plan, rows)));
            Write(campaign.File("results.parquet"), ResultsTable.Of(rows));
            Console.Out.Write(MarkdownPage.Of(sections.Take(1)));
            return ExitCode.Success;
        });
        return command;
    }

    private static void Write(string path, byte[] bytes)
    {
        AtomicFile.Write(path, stream => stream.Write(bytes));
        Talk.Line($"wrote {path}");
    }
}
