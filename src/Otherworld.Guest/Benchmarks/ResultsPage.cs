using System.Globalization;
using System.Text;

namespace Otherworld.Guest.Benchmarks;

/// <summary>The report as a page of Markdown: what <c>bench/RESULTS.md</c> is.</summary>
public static class ResultsPage
{
    /// <summary>The whole page.</summary>
    public static string Of(BenchReport report)
    {
        StringBuilder page = new();
        page.Append("# Measured\n\nWritten by `./otherworld bench --results bench/RESULTS.md`; what is measured how stands in [README.md](README.md).\n\n");
        page.Append(CultureInfo.InvariantCulture, $"- commit {report.Commit}\n- host: {report.Host}\n- images: {string.Join(", ", report.Images)}\n- medians of {report.Runs} interleaved runs");
        page.Append(report.Divisor == 1 ? "\n" : string.Create(CultureInfo.InvariantCulture, $", each item cut to 1/{report.Divisor} of its rounds\n"));
        foreach ((string name, string version) in report.Contenders)
            page.Append(CultureInfo.InvariantCulture, $"- {name}: {version}\n");

        page.Append("\n| geometric mean | | |\n|---|---|---|\n");
        foreach ((string name, double? value, string meaning) in BenchTable.Means(report.Geomeans))
            page.Append(CultureInfo.InvariantCulture, $"| {name} | {(value is null ? "not measured" : value.Value.ToString("F2", CultureInfo.InvariantCulture))} | {meaning} |\n");

        foreach (BenchSuite suite in BenchSuite.All.Where(suite => report.Names(suite.Name).Any()))
            Suite(page, report, suite);
        if (report.Campaign is { } campaign)
            Campaign(page, campaign);
        if (!report.OwnMemory.IsEmpty)
            page.Append(CultureInfo.InvariantCulture, $"\nHost memory held beside the guest's RAM at the end of the last suite: {string.Join(", ", report.OwnMemory.Select(pair => $"{pair.Key} {pair.Value >> 20} MiB"))}.\n");
        if (!report.Failures.IsEmpty)
            page.Append("\n## Not measured\n\n");
        foreach (BenchFailure failure in report.Failures)
            page.Append(CultureInfo.InvariantCulture, $"- {string.Join(' ', new[] { failure.Contender, failure.Suite, failure.Name }.Where(word => word.Length != 0))}: {failure.Reason}\n");
        return page.ToString();
    }

    private static void Suite(StringBuilder page, BenchReport report, BenchSuite suite)
    {
        string[] contenders = [.. ContenderNames.All.Where(name => report.Items.Any(item => item.Suite == suite.Name && item.Contender == name))];
        page.Append(CultureInfo.InvariantCulture, $"\n## {suite.Name}\n\nSeconds; in brackets the multiple of {suite.Reference}.\n\n");
        page.Append(CultureInfo.InvariantCulture, $"| item | {string.Join(" | ", contenders)} | million instructions |\n|---|{string.Concat(contenders.Select(_ => "--:|"))}--:|\n");
        foreach (string name in report.Names(suite.Name))
        {
            IEnumerable<string> cells = contenders.Select(contender => Cell(report, suite, name, contender));
            BenchItem? ours = report.Find(suite.Name, name, ContenderNames.Ours);
            page.Append(CultureInfo.InvariantCulture, $"| {name} | {string.Join(" | ", cells)} | {(ours is { Ticks: > 0 } ? (ours.Ticks / 1e6).ToString("F1", CultureInfo.InvariantCulture) : "")} |\n");
        }
    }

    private static void Campaign(StringBuilder page, CampaignFigures campaign)
    {
        page.Append("\n## campaign\n\nOne experiment: a restore, the way to the fault, death, resurrection, and the look from outside. Medians, on one machine; the aim is 60 a minute and core.\n\n");
        page.Append("| application | experiments | seconds | a minute and core | million instructions | blocks translated for the first | for a later one |\n|---|--:|--:|--:|--:|--:|--:|\n");
        foreach (CampaignFigure app in campaign.Apps)
            page.Append(CultureInfo.InvariantCulture, $"| {app.App} | {app.Experiments} | {app.MedianS:F3} | {app.PerMinuteAndCore:F0} | {app.MedianInstructions / 1e6:F1} | {app.FirstTranslated:#,0} | {app.LaterTranslated:#,0} |\n");
        page.Append(CultureInfo.InvariantCulture, $"\nMost resident memory of the whole program: {campaign.PeakOfOne >> 20} MiB with one worker");
        page.Append(campaign.PerWorker is { } more
            ? string.Create(CultureInfo.InvariantCulture, $", {campaign.PeakOfAll >> 20} MiB with {campaign.Workers}, which is {more >> 20} MiB for each worker more; allowed are {campaign.Allowed >> 20} MiB. All {campaign.Workers} together do {campaign.PerMinute:F0} experiments a minute, with loading of warm states and all.\n")
            : string.Create(CultureInfo.InvariantCulture, $"; allowed are {campaign.Allowed >> 20} MiB.\n"));
    }

    private static string Cell(BenchReport report, BenchSuite suite, string name, string contender)
    {
        if (report.Find(suite.Name, name, contender) is not { } item)
            return "-";
        string seconds = item.MedianS.ToString("F4", CultureInfo.InvariantCulture);
        return report.Ratio(suite.Name, name, contender, suite.Reference) is { } ratio && contender != suite.Reference
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds} ({ratio:F2})")
            : seconds;
    }
}
