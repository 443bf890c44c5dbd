using System.CommandLine;
using System.Text;
using Emu.Core;
using Emu.Core.Snapshots;
using Otherworld.Guest.Campaigns;
using Otherworld.Guest.Campaigns.Reports;

namespace Otherworld.Cli;

/// <summary><c>campaign report</c>: the figures, for people and for programs.</summary>
internal static class CampaignReportCommand
{
    public static Command Create()
    {
        Argument<string[]> folders = new("DIR") { Description = "The folders of campaigns; several make one page, with default and protected mode side by side.", Arity = ArgumentArity.OneOrMore };
        Option<string?> output = new("--out") { Description = "Where the report goes (into the campaign's folder, when it is one).", HelpName = "DIR" };
        Option<string[]> overhead = new("--overhead") { Description = "What living kernels pay: a file that 'overhead --json' or 'overhead --protected --json' has printed. May be given for both.", HelpName = "FILE", DefaultValueFactory = _ => [] };
        Command command = new("report", "Write report.html (one file, with its plots), report.md, summary.json and results.parquet, of what is done so far; the table of applications goes to standard output.") { folders, output, overhead };
        command.SetAction(parsed =>
        {
            CampaignFolder[] campaigns = [.. parsed.GetRequiredValue(folders).Select(path => new CampaignFolder(path))];
            string target = parsed.GetValue(output) ?? (campaigns.Length == 1
                ? campaigns[0].Path
                : throw new OtherworldException("a report about several campaigns has a folder of its own: name it with --out DIR."));
            ReportedCampaign[] reported = [.. campaigns.Select(ReportedCampaign.Read)];
            OverheadFigures figures = parsed.GetRequiredValue(overhead).Aggregate(OverheadFigures.None, (known, path) => known.With(path));
            Directory.CreateDirectory(target);
            CampaignFolder report = new(target);
            IReadOnlyList<ReportSection> sections = new CampaignReport(reported, figures).Sections();
            Write(report.File("report.html"), Encoding.UTF8.GetBytes(HtmlPage.Of(sections)));
            Write(report.File("report.md"), Encoding.UTF8.GetBytes(MarkdownPage.Of(sections)));
            Write(report.File("summary.json"), Encoding.UTF8.GetBytes(CampaignSummary.Of(reported)));
            Write(report.File("results.parquet"), ResultsTable.Of(reported.SelectMany(campaign => campaign.Rows)));
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
