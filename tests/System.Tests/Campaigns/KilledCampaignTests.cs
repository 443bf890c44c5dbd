using System.Diagnostics;
using Otherworld.Guest.Campaigns;

namespace System.Tests.Campaigns;

/// <summary>A campaign that is killed with SIGKILL again and again, at random moments, ends with the very rows of one that was left alone.</summary>
public sealed class KilledCampaignTests
{
    private const int Points = 8;

    private readonly Random _random = new(20261126);
    private string _folder = null!;

    [SetUp]
    public void SetUp() => _folder = Directory.CreateTempSubdirectory("otherworld-killed-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_folder, recursive: true);

    [Test]
    [Category("Slow")]
    public void A_killed_campaign_goes_on_where_it_was()
    {
        string alone = Path.Combine(_folder, "alone"), killed = Path.Combine(_folder, "killed");
        foreach (string folder in new[] { alone, killed })
            Assert.That(Cli.Run("campaign", "plan", "--app", "counter", "--points", $"{Points}", "--out", folder).Status, Is.Zero);
        long start = Stopwatch.GetTimestamp();
        Assert.That(Cli.Run("campaign", "run", alone).Status, Is.Zero);
        TimeSpan whole = Stopwatch.GetElapsedTime(start);

        int hits = 0;
        int most = 0;
        for (int kill = 0; kill < Points && most < Points; kill++)
        {
            using (Process process = Process.Start(Cli.Start(new Dictionary<string, string>(), ["campaign", "run", killed]))!)
            {
                hits += process.WaitForExit(whole * (0.4 + (0.5 * _random.NextDouble()))) ? 0 : 1; // it boots first
                process.Kill(); // SIGKILL
                process.WaitForExit();
            }

            int rows = Rows(killed).Length;
            Assert.That(rows, Is.GreaterThanOrEqualTo(most), "a row that was written is lost");
            most = rows;
        }

        TestContext.Out.WriteLine($"killed {hits} times, with {most} of {Points} rows written by then");
        Assert.That(hits, Is.GreaterThan(0), "no kill hit the campaign");
        Assert.That(Cli.Run("campaign", "run", killed).Status, Is.Zero);
        Assert.That(Rows(killed), Is.EqualTo(Rows(alone)));
    }

    /// <summary>The whole rows of a campaign, in the order of their names.</summary>
    private static string[] Rows(string folder)
    {
        string results = Path.Combine(folder, "results");
        return Directory.Exists(results) ? [.. Directory.GetFiles(results).SelectMany(RowLog.Read).Select(row => row.ToJson()).Order(StringComparer.Ordinal)] : [];
    }
}
