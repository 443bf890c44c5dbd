using System.Text.Json;

namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>The figures of a campaign for programs: <c>summary.json</c>.</summary>
public static class CampaignSummary
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>The whole file.</summary>
    public static string Of(CampaignPlan plan, IReadOnlyList<ExperimentRow> rows) => JsonSerializer.Serialize(Tally.By(rows, row => row.App).Select(app => new
    {
        App = app.Name,
        Mode = "default",
        plan.Header.Set,
        Experiments = app.Rows.Count,
        Crashes = app.Deaths,
        app.Correct,
        Degraded = app.Of(Verdict.Degraded),
        Corrupt = app.Of(Verdict.WrongData),
        NotResurrected = app.Of(Verdict.NotResurrected),
        NoCrashKernel = app.Of(Verdict.NoCrashKernel),
        Invalid = app.Of(Verdict.Invalid),
        app.Rate,
        WilsonLow = app.Interval.Low,
        WilsonHigh = app.Interval.High,
        PlanHash = plan.Hash,
        plan.Header.Commit,
    }), Format) + "\n";
}
