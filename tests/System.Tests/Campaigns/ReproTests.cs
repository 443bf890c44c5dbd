using System.Globalization;
using System.Tests.Debugging;
using System.Text.RegularExpressions;
using Otherworld.Guest.Campaigns;
using Otherworld.Guest.Faults;

namespace System.Tests.Campaigns;

/// <summary>An experiment again, with gdb just before its fault.</summary>
[Category("Slow")]
public sealed partial class ReproTests
{
    /// <summary>Instructions from the fault: the kernel dies meanwhile.</summary>
    private const ulong Way = 60_000_000;

    private string _folder = null!;

    [SetUp]
    public void SetUp()
    {
        Gdb.NeedIt();
        _folder = Directory.CreateTempSubdirectory("otherworld-repro-").FullName;
    }

    [TearDown]
    public void TearDown()
    {
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A server has its observer beside it: what came from there comes again when gdb has gone back, and nothing is sent twice.</summary>
    [Test]
    public void Gdb_goes_forwards_and_back_and_the_row_is_the_recorded_one([Values("vi", "redis")] string app)
    {
        (string campaign, string id, ulong fault) = RunOne(app);
        (string talk, CliResult repro) = Gdb.Run(
            _folder,
            ["campaign", "repro", campaign, id, "--logs", Path.Combine(_folder, "said")],
            "monitor when",
            $"monitor goto {fault + Way}", // stops where the kernel dies
            "maintenance flush register-cache",
            "monitor when",
            "reverse-continue",
            "monitor when",
            "detach");
        ulong[] stood = [.. Count().Matches(talk).Select(match => ulong.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
        Assert.That((stood[0], stood[^1]), Is.EqualTo((fault, fault)));
        Assert.That(stood.Max(), Is.EqualTo(Rows(campaign).Single().Detected));
        Assert.That(repro.Error, Does.Contain("the same as recorded, to the bit"), repro.Error);
        Assert.That(repro.Status, Is.Zero);
        Assert.That(File.ReadAllText(Path.Combine(_folder, "said", "debugcon.log")), Does.Contain("ow: gate-open"));
    }

    /// <summary>The experiment notes when its fault is executed first, although gdb goes over that place and back before it has let go.</summary>
    [Test]
    public void Gdb_passes_no_place_that_the_experiment_looks_at()
    {
        string campaign = RunCampaign("--app", "vi", "--set", "rio", "--points", "12", "--faults", "1");
        ExperimentRow row = Rows(campaign).First(row => row.Activated > row.Injected + 1 && row.Detected > row.Activated + 1);
        (string talk, CliResult repro) = Gdb.Run(
            _folder,
            ["campaign", "repro", campaign, row.Id],
            $"monitor goto {row.Detected - 1}",
            $"monitor goto {row.Injected}",
            $"monitor goto {row.Detected - 1}",
            "detach");
        Assert.That(talk, Does.Contain("the experiment looks at this place itself").And.Contain($"icount {row.Activated},").And.Contain($"icount {row.Detected - 1},"));
        Assert.That(repro.Error, Does.Contain("the same as recorded, to the bit"), repro.Error);
    }

    /// <summary>A campaign of one death.</summary>
    /// <returns>Its folder, the experiment, and where its fault comes, in instructions from power-on.</returns>
    private (string Campaign, string Id, ulong Fault) RunOne(string app)
    {
        string campaign = RunCampaign("--app", app, "--set", "panics", "--points", "1");
        CampaignPlan plan = new CampaignFolder(campaign).Plan();
        return (campaign, plan.Experiments[0].Id, plan.Header.Apps[0].WarmIcount + FaultSpec.Parse(plan.Experiments[0].Fault).Trigger);
    }

    private string RunCampaign(params string[] plan)
    {
        string campaign = Path.Combine(_folder, "campaign");
        Assert.That(Cli.Run(["campaign", "plan", .. plan, "--out", campaign]).Status, Is.Zero);
        CliResult run = Cli.Run("campaign", "run", campaign, "--workers", "1");
        Assert.That(run.Status, Is.Zero, run.Error);
        Assert.That(run.Error, Does.Not.Contain("boots"), "the plan has left its warm state");
        return campaign;
    }

    private static IReadOnlyList<ExperimentRow> Rows(string campaign) => new CampaignFolder(campaign).Rows(new CampaignFolder(campaign).Plan());

    [GeneratedRegex(@"^icount ([0-9]+),", RegexOptions.Multiline, 1000)]
    private static partial Regex Count();
}
