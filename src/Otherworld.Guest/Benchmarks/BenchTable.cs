using System.Globalization;

namespace Otherworld.Guest.Benchmarks;

/// <summary>The report as text: medians, ratios and a bar for each item.</summary>
public static class BenchTable
{
    private const int NameWidth = 18;
    private const int ColumnWidth = 17;
    private const int LongestBar = 30;

    /// <summary>The lines for a terminal.</summary>
    public static IEnumerable<string> Lines(BenchReport report)
    {
        foreach (BenchSuite suite in BenchSuite.All.Where(suite => report.Names(suite.Name).Any()))
        {
            foreach (string line in Lines(report, suite))
                yield return line;
            yield return "";
        }

        foreach (string line in report.Campaign is { } campaign ? Lines(campaign) : [])
            yield return line;
        foreach (BenchFailure failure in report.Failures)
            yield return $"not measured: {string.Join(' ', new[] { failure.Contender, failure.Suite, failure.Name }.Where(word => word.Length != 0))}: {failure.Reason}";
        foreach ((string name, double? value, string meaning) in Means(report.Geomeans))
            yield return string.Create(CultureInfo.InvariantCulture, $"{name,-31} {(value is null ? "not measured" : value.Value.ToString("F2", CultureInfo.InvariantCulture)),12}  {meaning}");
    }

    /// <summary>Name, value and meaning of each geometric mean.</summary>
    internal static IEnumerable<(string Name, double? Value, string Meaning)> Means(BenchGeomeans means) =>
    [
        ("compute_vs_native", means.ComputeVsNative, "times native; lower is better"),
        ("guest_speedup_vs_qemu", means.GuestSpeedupVsQemu, "times as fast"),
        ("guest_speedup_vs_qemu_icount", means.GuestSpeedupVsQemuIcount, "times as fast"),
        ("boot_speedup_vs_qemu", means.BootSpeedupVsQemu, "times as fast"),
        ("boot_speedup_vs_qemu_icount", means.BootSpeedupVsQemuIcount, "times as fast"),
        ("interpreter_mips", means.InterpreterMips, "million instructions a second on the integer kernels"),
    ];

    private static IEnumerable<string> Lines(BenchReport report, BenchSuite suite)
    {
        string[] contenders = [.. ContenderNames.All.Where(name => report.Items.Any(item => item.Suite == suite.Name && item.Contender == name))];
        bool isSlowdown = suite.Reference == ContenderNames.Native;
        string ratio = isSlowdown ? "ours / native" : $"{suite.Reference} / ours";
        yield return $"{suite.Name.PadRight(NameWidth)}{string.Concat(contenders.Select(name => name.PadLeft(ColumnWidth)))}  {ratio} ({(isSlowdown ? "lower" : "higher")} is better)";

        string[] names = [.. report.Names(suite.Name)];
        double?[] ratios = [.. names.Select(name => isSlowdown ? report.Ratio(suite.Name, name, ContenderNames.Ours, suite.Reference) : report.Ratio(suite.Name, name, suite.Reference, ContenderNames.Ours))];
        double longest = ratios.Max() ?? 1;
        for (int i = 0; i < names.Length; i++)
        {
            string cells = string.Concat(contenders.Select(name => Seconds(report.Find(suite.Name, names[i], name)).PadLeft(ColumnWidth)));
            yield return $"{names[i].PadRight(NameWidth)}{cells}  {Bar(ratios[i], longest)}";
        }
    }

    private static IEnumerable<string> Lines(CampaignFigures campaign)
    {
        yield return $"{"campaign".PadRight(NameWidth)}{"a minute and core",ColumnWidth + 2}{"million instr.",ColumnWidth}{"translated first",ColumnWidth + 2}{"later",ColumnWidth}";
        foreach (CampaignFigure app in campaign.Apps)
            yield return $"{app.App.PadRight(NameWidth)}{string.Create(CultureInfo.InvariantCulture, $"{app.PerMinuteAndCore,ColumnWidth + 2:F1}{app.MedianInstructions / 1e6,ColumnWidth:F1}{app.FirstTranslated,ColumnWidth + 2:#,0}{app.LaterTranslated,ColumnWidth:#,0}")}";
        yield return string.Create(CultureInfo.InvariantCulture, $"memory: {campaign.PeakOfOne >> 20} MiB with one worker, {campaign.PeakOfAll >> 20} MiB with {campaign.Workers}, allowed {campaign.Allowed >> 20} MiB; {campaign.PerMinute:F1} experiments a minute together");
        yield return "";
    }

    private static string Seconds(BenchItem? item) => item is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{item.MedianS:F4} s");

    private static string Bar(double? value, double longest) => value is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{value,6:F2} {new string('█', (int)Math.Ceiling(value.Value / longest * LongestBar))}");
}
