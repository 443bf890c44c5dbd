using System.Text.Json;
using System.Text.Json.Nodes;

namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>The figures of a campaign for programs: <c>summary.json</c>.</summary>
public static class CampaignSummary
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The whole file: each application of each campaign.</summary>
    public static string Of(IEnumerable<ReportedCampaign> campaigns) => new JsonArray([.. campaigns.SelectMany(Figures)]).ToJsonString(Indented) + "\n";

    private static IEnumerable<JsonNode> Figures(ReportedCampaign campaign) => Tally.By(campaign.Rows, row => row.App).Select(app => new JsonObject
    {
        ["app"] = app.Name,
        ["mode"] = campaign.Mode,
        ["set"] = campaign.Plan.Header.Set,
        ["experiments"] = app.Rows.Count,
        ["crashes"] = app.Deaths,
        ["correct"] = app.Correct,
        ["degraded"] = app.Of(Verdict.Degraded),
        ["corrupt"] = app.Of(Verdict.WrongData),
        ["not_resurrected"] = app.Of(Verdict.NotResurrected),
        ["no_crash_kernel"] = app.Of(Verdict.NoCrashKernel),
        ["invalid"] = app.Of(Verdict.Invalid),
        ["rate"] = app.Rate,
        ["wilson_low"] = app.Interval.Low,
        ["wilson_high"] = app.Interval.High,
        ["plan_hash"] = campaign.Plan.Hash,
        ["commit"] = campaign.Plan.Header.Commit,
    });
}
