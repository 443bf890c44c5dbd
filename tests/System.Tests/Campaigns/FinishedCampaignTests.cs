namespace System.Tests.Campaigns;

/// <summary>What has a result is not run again, wherever its row lies.</summary>
public sealed class FinishedCampaignTests
{
    private string _folder = null!;

    [SetUp]
    public void SetUp() => _folder = Directory.CreateTempSubdirectory("otherworld-finished-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_published_campaign_has_nothing_left_to_run()
    {
        const string Published = "bench/campaigns/2026-11-26-protected-2"; // of images that nobody has any more
        foreach (string file in new[] { "plan.jsonl", "results.jsonl.gz" })
            File.Copy(Path.Combine(Checkout.Root, Published, file), Path.Combine(_folder, file));
        CliResult run = Cli.Run("campaign", "run", _folder);
        Assert.That(run.Status, Is.Zero, run.Error);
        Assert.That(run.Error, Does.Contain("1025 of 1025: 1025 of 1025 deaths survived"));
    }
}
