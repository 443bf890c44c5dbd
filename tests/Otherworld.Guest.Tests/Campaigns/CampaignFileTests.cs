using Emu.Core;
using Otherworld.Guest.Campaigns;
using Otherworld.Guest.Campaigns.Reports;

namespace Otherworld.Guest.Tests.Campaigns;

/// <summary>Plans, results and what is counted from them, without any guest.</summary>
[TestFixture]
public sealed class CampaignFileTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("campaign").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_plan_is_read_as_it_was_written_and_keeps_its_hash()
    {
        CampaignPlan plan = Plan(5);
        CampaignFolder folder = new(_folder);
        folder.Create(plan);
        Assert.That(folder.Plan().Hash, Is.EqualTo(plan.Hash));
        Assert.That(folder.Plan().Experiments, Is.EqualTo(plan.Experiments));
        Assert.That(() => folder.Create(Plan(4)), Throws.TypeOf<OtherworldException>());
        File.AppendAllText(folder.PlanFile, File.ReadLines(folder.PlanFile).Last() + "\n");
        Assert.That(folder.Plan, Throws.TypeOf<OtherworldException>());
    }

    [Test]
    public void Shards_share_a_plan_without_gap_or_overlap([Values(1, 2, 3, 7)] int count)
    {
        CampaignPlan plan = Plan(20);
        Experiment[] all = [.. Enumerable.Range(1, count).SelectMany(index => new Shard(index, count).Of(plan))];
        Assert.That(all, Is.EquivalentTo(plan.Experiments));
    }

    [TestCase("0/3"), TestCase("4/3"), TestCase("1"), TestCase("a/b")]
    public void A_shard_that_is_none_is_refused(string text) => Assert.That(() => Shard.Parse(text), Throws.TypeOf<OtherworldException>());

    [Test]
    public void A_torn_last_line_is_cut_off_and_written_again()
    {
        CampaignPlan plan = Plan(3);
        string path = Path.Combine(_folder, "rows.jsonl");
        using (RowLog log = RowLog.Open(path))
        {
            log.Append(Row(plan, 0));
            log.Append(Row(plan, 1));
        }

        byte[] whole = File.ReadAllBytes(path);
        for (int kept = whole.Length - 1; kept > whole.Length - 100; kept -= 7)
        {
            File.WriteAllBytes(path, whole[..kept]);
            using (RowLog log = RowLog.Open(path))
            {
                Assert.That(log.Rows.Select(row => row.Id), Is.EqualTo((string[])[plan.Experiments[0].Id]));
                log.Append(Row(plan, 1));
            }

            Assert.That(File.ReadAllBytes(path), Is.EqualTo(whole));
        }
    }

    [Test]
    public void A_row_that_leaves_its_lists_away_has_empty_ones()
    {
        string line = Row(Plan(1), 0).ToJson();
        string shorter = line.Replace("\"not_resurrected\":[],", "", StringComparison.Ordinal).Replace("\"degraded\":[],", "", StringComparison.Ordinal);
        Assert.That(line.Length - shorter.Length, Is.EqualTo("\"not_resurrected\":[],\"degraded\":[],".Length));
        Assert.That(ExperimentRow.Parse(System.Text.Encoding.UTF8.GetBytes(shorter)).ToJson(), Is.EqualTo(line));
    }

    [Test]
    public void Rows_that_differ_cannot_be_merged_and_equal_ones_count_once()
    {
        CampaignPlan plan = Plan(3);
        ExperimentRow row = Row(plan, 1);
        IReadOnlyList<ExperimentRow> merged = CampaignMerge.Merge(plan, [row, Row(plan, 0), row], out IReadOnlyList<string> missing);
        Assert.That(merged.Select(each => each.Id), Is.EqualTo(plan.Experiments.Take(2).Select(each => each.Id)));
        Assert.That(missing, Is.EqualTo((string[])[plan.Experiments[2].Id]));
        Assert.That(() => CampaignMerge.Merge(plan, [row, row with { FinalHash = "1" }], out _), Throws.TypeOf<OtherworldException>());
        Assert.That(() => CampaignMerge.Merge(plan, [row with { Id = "other-000000" }], out _), Throws.TypeOf<OtherworldException>());
    }

    [Test]
    public void Plan_and_compressed_rows_are_a_whole_campaign()
    {
        CampaignPlan plan = Plan(3);
        ExperimentRow[] rows = [Row(plan, 0), Row(plan, 1), Row(plan, 2)];
        CampaignFolder folder = new(_folder);
        folder.Create(plan);
        Assert.That(folder.WriteMerged(rows, compress: true), Is.EqualTo(folder.CompressedFile));
        Assert.That(folder.Rows(plan).Select(row => row.ToJson()), Is.EqualTo(rows.Select(row => row.ToJson())));

        byte[] bytes = File.ReadAllBytes(folder.CompressedFile);
        folder.WriteMerged(rows, compress: true);
        Assert.That(File.ReadAllBytes(folder.CompressedFile), Is.EqualTo(bytes));
        bytes[^6] ^= 0x10; // in the sum over the contents
        File.WriteAllBytes(folder.CompressedFile, bytes);
        Assert.That(() => folder.Rows(plan), Throws.TypeOf<OtherworldException>().With.Message.Contains(folder.CompressedFile));
    }

    [TestCase(390, 400, 0.955, 0.986), TestCase(0, 400, 0, 0.0095), TestCase(10, 10, 0.722, 1)]
    public void Intervals_are_Wilsons(int hits, int trials, double low, double high)
    {
        WilsonInterval interval = WilsonInterval.Of(hits, trials);
        Assert.That(interval.Low, Is.EqualTo(low).Within(0.001));
        Assert.That(interval.High, Is.EqualTo(high).Within(0.001));
    }

    [Test]
    public void Only_deaths_make_rates()
    {
        CampaignPlan plan = Plan(4);
        Tally tally = new("vi", [Row(plan, 0), Row(plan, 1) with { Verdict = Verdict.WrongData }, Row(plan, 2) with { Verdict = Verdict.NoFailure }, Row(plan, 3) with { Verdict = Verdict.Unnoticed }]);
        Assert.That((tally.Deaths, tally.Correct, tally.Rate), Is.EqualTo((2, 1, 0.5)));
    }

    [Test]
    public void A_report_names_every_failure_with_what_reproduces_it()
    {
        CampaignPlan plan = Plan(2);
        IReadOnlyList<ReportSection> sections = new CampaignReport([new(plan, [Row(plan, 0), Row(plan, 1) with { Verdict = Verdict.WrongData, Reason = "<7> of 9" }], "dir")]).Sections();
        string page = HtmlPage.Of(sections);
        Assert.That(page, Does.Contain("campaign repro dir vi-000001").And.Contain("<a href=\"#vi-000001\">").And.Contain("<tr id=\"vi-000001\">").And.Contain("&lt;...&gt; of ...").And.Contain("<svg").And.Not.Contain("<script"));
        Assert.That(MarkdownPage.Of(sections), Does.Contain("| vi | 2 | 1 | 0 | 1 | 0 | 0 | 50.0 % |"));
        Assert.That(ResultsTable.Of([Row(plan, 0)]).AsSpan(0, 4).SequenceEqual("PAR1"u8));
    }

    [Test]
    public void What_a_screen_showed_is_one_cell_of_a_table()
    {
        ReportSection section = new("Screens", [], new ReportTable(["row", "reason"], [["vi-000004", "bash: X: not found\r\n$ a|b\n"]], IsText: true));
        Assert.That(MarkdownPage.Of([section]), Does.EndWith("\n| vi-000004 | bash: X: not found⏎$ a\\|b⏎ |\n"));
    }

    [Test]
    public void Both_modes_stand_side_by_side_with_the_authors_claims_and_what_living_kernels_pay()
    {
        CampaignPlan plain = Plan(2), guarded = Plan(3, isProtected: true);
        string overhead = Path.Combine(_folder, "overhead.json"), protection = Path.Combine(_folder, "protection.json");
        File.WriteAllText(overhead, """{"verdict":"no overhead","paths":[{},{}]}""");
        File.WriteAllText(protection, """{"apps":[{"app":"vi","share":0.0016},{"app":"redis","share":0.0057}]}""");
        ReportedCampaign[] both =
        [
            new(plain, [Row(plain, 0), Row(plain, 1) with { Verdict = Verdict.NotResurrected, Reason = "silent" }], "out/one"),
            new(guarded, [Row(guarded, 0), Row(guarded, 1), Row(guarded, 2) with { Verdict = Verdict.NoCrashKernel, Reason = "late" }], "out/two/"),
        ];
        string page = MarkdownPage.Of(new CampaignReport(both, OverheadFigures.None.With(overhead).With(protection)).Sections());
        Assert.Multiple(() =>
        {
            Assert.That(page, Does.Contain("| vi | 2 | 50.0 % | 9.5 % to 90.5 % | 0 | 0.0 | 3 | 66.7 % | 20.8 % to 93.9 % | 0 | 0.0 |"));
            Assert.That(page, Does.Contain("| survived, protected mode | 2 of 3 deaths, 66.7 % (20.8 % to 93.9 %); wrong data 0 | - |"));
            Assert.That(page, Does.Contain("| overhead, default mode | no overhead: 2 ways").And.Contain("| overhead, protected mode | 0.16 to 0.57 % (estimated: vi 0.16 %, redis 0.57 %) | 4 to 12 % |"));
            Assert.That(page, Does.Contain("| two/vi-000002 |").And.Contain("./otherworld campaign repro out/two/ vi-000002"));
            Assert.That(CampaignSummary.Of(both), Does.Contain("\"mode\": \"default\"").And.Contain("\"mode\": \"protected\""));
            Assert.That(() => OverheadFigures.None.With(Path.Combine(_folder, "none")), Throws.TypeOf<OtherworldException>());
        });
    }

    [Test]
    public void Sets_of_faults_are_told_apart_where_there_are_several()
    {
        CampaignPlan sweep = Plan(2), rio = Plan(3, set: "rio");
        ReportedCampaign[] campaigns = [new(sweep, [Row(sweep, 0), Row(sweep, 1)], "a"), new(rio, [Row(rio, 0), Row(rio, 1) with { Verdict = Verdict.WrongData }, Row(rio, 2) with { Verdict = Verdict.NoFailure }], "b")];
        Assert.That(MarkdownPage.Of(new CampaignReport(campaigns).Sections()), Does.Contain("\n## By set of faults\n")
            .And.Contain("| sweep | 2 | 2 | 0 | 0 | 0 | 0 | 100.0 % | 34.2 % to 100.0 % |").And.Contain("| rio | 2 | 1 | 0 | 1 | 0 | 0 | 50.0 % | 9.5 % to 90.5 % |").And.Contain("| rio: vi | 2 | 1 |"));
        Assert.That(MarkdownPage.Of(new CampaignReport(campaigns[..1]).Sections()), Does.Not.Contain("By set"));
    }

    [Test]
    public void A_report_says_how_many_were_run_twice_and_what_came_of_it()
    {
        CampaignPlan plan = Plan(4);
        ExperimentRow differed = Row(plan, 1) with { Verdict = Verdict.Invalid, Reason = $"{CampaignRun.Differed}: Correct 01, then Correct 02" };
        Assert.That(Head([Row(plan, 0), Row(plan, 3)]), Does.Contain("2 of 4 experiments done, 0 of them invalid; 1 run twice, 1 of them with the same row to the bit."));
        Assert.That(Head([Row(plan, 0), differed, Row(plan, 3)]), Does.Contain("1 of them invalid; 2 run twice, 1 of them with the same row to the bit."));

        string Head(ExperimentRow[] rows) => MarkdownPage.Of(new CampaignReport([new(plan, rows, "dir")]).Sections());
    }

    private static CampaignPlan Plan(int experiments, bool isProtected = false, string set = "sweep")
    {
        PlanHeader header = new() { Format = PlanHeader.CurrentFormat, Commit = "none", Set = set, Seed = 1, Protected = isProtected, Apps = [], Experiments = experiments };
        return CampaignPlan.Of(header, [.. Enumerable.Range(0, experiments).Select(number => new Experiment { Id = $"vi-{number:d6}", App = "vi", Fault = $"panic@bug,trigger={number},seed=1", Twice = number < 2 })]);
    }

    private static ExperimentRow Row(CampaignPlan plan, int number) => new()
    {
        Plan = plan.Hash,
        Id = plan.Experiments[number].Id,
        App = "vi",
        Class = "panic",
        Fault = plan.Experiments[number].Fault,
        Injected = 100,
        Symbol = "schedule+0x1",
        Verdict = Verdict.Correct,
        Reason = "",
        FinalHash = "0123456789abcdef",
    };
}
