using System.Text.Json;

namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>The figures of a campaign for programs: <c>summary.json</c>.</summary>
public static class CampaignSummary
{
    private static readonly JsonSerializerOptions Format = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>The whole file: each application of each campaign.</summary>
    public static string Of(IEnumerable<ReportedCampaign> campaigns) => JsonSerializer.Serialize(campaigns.SelectMany(Figures), Format) + "\n";

    private static IEnumerable<object> Figures(ReportedCampaign campaign) => Tally.By(campaign.Rows, row => row.App).Select(app => new
    {
        App = app.Name,
        campaign.Mode,
        campaign.Plan.Header.Set,
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
        PlanHash = campaign.Plan.Hash,
        campaign.Plan.Header.Commit,
    });
}
