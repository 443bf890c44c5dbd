using Otherworld.Guest.Campaigns;
using Otherworld.Guest.Campaigns.Reports;

namespace Repo.Tests;

/// <summary>The figures in <c>bench/campaigns</c> are those of the rows beside them.</summary>
public class CampaignTests
{
    private static IEnumerable<string> Published() =>
        Directory.GetDirectories(Path.Combine(Checkout.Root, "bench", "campaigns")).Where(folder => File.Exists(Path.Combine(folder, "plan.jsonl"))).Select(folder => Path.GetFileName(folder)!);

    [TestCaseSource(nameof(Published))]
    public void Published_rows_are_all_there_and_give_the_published_figures(string name)
    {
        CampaignFolder folder = new(Path.Combine(Checkout.Root, "bench", "campaigns", name));
        ReportedCampaign campaign = ReportedCampaign.Read(folder);
        Assert.That(campaign.Rows, Has.Count.EqualTo(campaign.Plan.Experiments.Count), "every experiment of the plan has a row");
        Assert.That(CampaignSummary.Of([campaign]), Is.EqualTo(File.ReadAllText(folder.File("summary.json"))));
    }
}
