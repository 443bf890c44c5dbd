using System.Globalization;
using System.Text.RegularExpressions;

namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>What the rows of one campaign say together, or of several: in default mode and in protected mode, side by side.</summary>
public sealed partial class CampaignReport
{
    private const int ExamplesShown = 3;

    private readonly IReadOnlyList<ReportedCampaign> _campaigns;
    private readonly OverheadFigures _overhead;
    private readonly string[] _modes;

    /// <param name="campaigns">What it is about. Campaigns of one mode count together.</param>
    /// <param name="overhead">What living kernels pay.</param>
    public CampaignReport(IReadOnlyList<ReportedCampaign> campaigns, OverheadFigures? overhead = null)
    {
        _campaigns = campaigns;
        _overhead = overhead ?? OverheadFigures.None;
        _modes = [.. campaigns.Select(campaign => campaign.Mode).Distinct().Order(StringComparer.Ordinal)];
        Apps = By(row => row.App);
    }

    /// <summary>Counts of each application, in each mode.</summary>
    public IReadOnlyList<Tally> Apps { get; }

    /// <summary>Everything, in the order of the page.</summary>
    public IReadOnlyList<ReportSection> Sections()
    {
        ReportTable causes = Causes(), again = Again();
        bool isAllWell = causes.Rows.Count == 0;
        List<ReportSection> sections =
        [
            new("Result", Head(), Survival([.. Apps, .. By(_ => "all")]), Apps.Count == 0 ? null : CampaignChart.Outcomes(Apps)),
            new("By application and class of fault", [], Survival(By(row => $"{row.App}, {row.Class}"))),
            new("Interruption", ["From the death to the application's next answer, over the deaths survived, in millions of instructions."], Interruptions(), Apps.Count == 0 ? null : CampaignChart.Interruptions(Apps)),
            new("What fails, by cause", isAllWell ? ["Nothing."] : ["The examples lead to how they are done again."], isAllWell ? null : causes),
            new("Experiments in which the kernel did not die", ["They are in no rate above."], Alive()),
            new("Beside it: what the authors of Otherworld published", ["Claims of Depoutovitch and Stumm (EuroSys 2010), from their abstract, about MySQL, Apache/PHP, Joe and vi: theirs, not measured by us, on another kernel and with another fault model."], Claims()),
        ];
        if (_campaigns.Select(campaign => campaign.Plan.Header.Set).Distinct().Count() > 1)
            sections.Insert(1, new("By set of faults", ["The sets are different questions: `panics` and `sweep` stop a kernel that is whole, at any instruction, one time each; `rio` and `palix` plant many faults at once, as the published studies did, and what these destroy before the kernel dies is gone for the next one, too."], Survival(BySet())));
        if (_modes.Length > 1)
            sections.Insert(1, new("Default and protected mode, side by side", [], SideBySide()));
        if (!isAllWell)
            sections.Add(new("How each failure is done again", ["Each of these rows is there again, to the bit, with its command; with `--gdb` a debugger stands just before the fault."], again));
        return sections;
    }

    private List<string> Head() =>
    [
        .. _campaigns.Select(campaign => string.Create(
            CultureInfo.InvariantCulture,
            $"Plan {campaign.Plan.Hash}, set {campaign.Plan.Header.Set}, seed {campaign.Plan.Header.Seed}, commit {campaign.Plan.Header.Commit}; {campaign.Rows.Count} of {campaign.Plan.Experiments.Count} experiments done, {campaign.Rows.Count(row => row.Verdict == Verdict.Invalid)} of them invalid; {Repeated(campaign)}. {(campaign.Plan.Header.Protected ? "Protected mode: the kernel cannot write to private memory of processes by mistake." : "Default mode: nothing protects user memory.")}")),
        "A rate is the share of the deaths after which the application works with everything it had acknowledged; beside it the 95 % Wilson interval.",
    ];

    /// <summary>How many were run twice, and what came of it.</summary>
    private static string Repeated(ReportedCampaign campaign)
    {
        HashSet<string> twice = [.. campaign.Plan.Experiments.Where(experiment => experiment.Twice).Select(experiment => experiment.Id)];
        int done = campaign.Rows.Count(row => twice.Contains(row.Id));
        int differed = campaign.Rows.Count(row => row.Reason.StartsWith(CampaignRun.Differed, StringComparison.Ordinal));
        return string.Create(CultureInfo.InvariantCulture, $"{done} run twice, {done - differed} of them with the same row to the bit");
    }

    /// <summary>Counts by something rows have; where there are two modes, in each.</summary>
    private IReadOnlyList<Tally> By(Func<ExperimentRow, string> name) => [.. _modes.SelectMany(mode => Tally.By(RowsOf(mode), row => _modes.Length > 1 ? $"{name(row)}, {mode}" : name(row)))];

    private IEnumerable<ExperimentRow> RowsOf(string mode) => _campaigns.Where(campaign => campaign.Mode == mode).SelectMany(campaign => campaign.Rows);

    /// <summary>Counts of each set of faults, and within it of each application, in each mode.</summary>
    private IEnumerable<Tally> BySet() =>
        from campaign in _campaigns
        group campaign by (campaign.Mode, campaign.Plan.Header.Set) into same
        orderby same.Key.Mode, same.Key.Set
        let name = _modes.Length > 1 ? $"{same.Key.Set}, {same.Key.Mode}" : same.Key.Set
        let rows = same.SelectMany(campaign => campaign.Rows)
        from tally in Tally.By(rows, _ => name).Concat(Tally.By(rows, row => $"{name}: {row.App}"))
        select tally;

    private static ReportTable Survival(IEnumerable<Tally> tallies) => new(
        ["", "deaths", "correct", "degraded", "wrong data", "not resurrected", "no crash kernel", "rate", "95 % interval"],
        [
            .. tallies.Where(tally => tally.Deaths > 0).Select(tally => (IReadOnlyList<string>)
            [
                tally.Name, Number(tally.Deaths), Number(tally.Correct), Number(tally.Of(Verdict.Degraded)), Number(tally.Of(Verdict.WrongData)),
                Number(tally.Of(Verdict.NotResurrected)), Number(tally.Of(Verdict.NoCrashKernel)), Percent(tally.Rate), Interval(tally),
            ]),
        ]);

    private ReportTable SideBySide()
    {
        string[] heads = ["deaths", "rate", "95 % interval", "wrong data", "median interruption"];
        IEnumerable<string> apps = _campaigns.SelectMany(campaign => campaign.Rows).Select(row => row.App).Distinct();
        return new(
            ["", .. _modes.SelectMany(mode => heads.Select(head => $"{mode}: {head}"))],
            [
                .. apps.Append(null).Select(app => (IReadOnlyList<string>)
                [
                    app ?? "all",
                    .. _modes.Select(mode => new Tally("", [.. RowsOf(mode).Where(row => app is null || row.App == app)])).SelectMany(tally => (string[])
                        [Number(tally.Deaths), Percent(tally.Rate), Interval(tally), Number(tally.Of(Verdict.WrongData)), Millions(tally.Interruption(0.5))]),
                ]),
            ]);
    }

    private ReportTable Interruptions() => new(
        ["", "least", "median", "95 %", "most"],
        [.. Apps.Where(app => app.Interruption(1) > 0).Select(app => (IReadOnlyList<string>)[app.Name, .. ((double[])[0, 0.5, 0.95, 1]).Select(part => Millions(app.Interruption(part)))])]);

    private ReportTable Alive() => new(
        ["", "not activated", "no failure", "unnoticed", "invalid"],
        [.. Apps.Select(app => (IReadOnlyList<string>)[app.Name, .. ((Verdict[])[Verdict.NotActivated, Verdict.NoFailure, Verdict.Unnoticed, Verdict.Invalid]).Select(verdict => Number(app.Of(verdict)))])]);

    private ReportTable Claims() => new(
        ["", "here", "published by the authors"],
        [
            ["survived, default mode", Survived("default"), "over 97 % of kernel crashes"],
            ["survived, protected mode", Survived("protected"), "-"],
            ["overhead, default mode", _overhead.Default ?? "not in this report", "0 %"],
            ["overhead, protected mode", _overhead.Protected ?? "not in this report", "4 to 12 %"],
        ],
        IsText: true);

    private string Survived(string mode)
    {
        Tally all = new("", [.. RowsOf(mode)]);
        return all.Deaths == 0
            ? "not in this report"
            : string.Create(CultureInfo.InvariantCulture, $"{Number(all.Correct)} of {Number(all.Deaths)} deaths, {Percent(all.Rate)} ({Interval(all)}); wrong data {all.Of(Verdict.WrongData)}");
    }

    private IEnumerable<(ReportedCampaign Campaign, ExperimentRow Row)> Failures() =>
        from campaign in _campaigns
        from row in campaign.Rows
        where Verdicts.IsFailure(row.Verdict) || row.Verdict == Verdict.Degraded
        select (campaign, row);

    private ReportTable Causes() => new(
        ["application", "mode", "verdict", "cause", "rows", "for example"],
        [
            .. from failure in Failures()
               group failure by (failure.Row.App, failure.Campaign.Mode, failure.Row.Verdict, Cause: Cause(failure.Row)) into same
               orderby same.Count() descending, same.Key.App, same.Key.Mode, same.Key.Cause
               select (IReadOnlyList<string>)
               [
                   same.Key.App, same.Key.Mode, Word(same.Key.Verdict), same.Key.Cause, Number(same.Count()),
                   string.Join(ReportTable.Separator, same.Take(ExamplesShown).Select(NameOf)),
               ],
        ],
        IsText: true,
        Links: 5);

    private ReportTable Again() => new(
        ["row", "fault", "died in", "verdict", "reason", "again"],
        [
            .. Failures().Select(failure => (IReadOnlyList<string>)
            [
                NameOf(failure), $"{failure.Row.Fault} at {failure.Row.Symbol}", failure.Row.PanicSymbol ?? "-", Word(failure.Row.Verdict),
                failure.Row.Reason.Length > 0 ? failure.Row.Reason : Cause(failure.Row), $"./otherworld campaign repro {failure.Campaign.Folder} {failure.Row.Id}",
            ]),
        ],
        IsText: true,
        Targets: 0);

    /// <summary>The row's name; rows of different plans may share one, so that the folder tells them apart.</summary>
    private string NameOf((ReportedCampaign Campaign, ExperimentRow Row) failure) =>
        _campaigns.Count > 1 ? $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(failure.Campaign.Folder))}/{failure.Row.Id}" : failure.Row.Id;

    /// <summary>The reason without what differs from row to row.</summary>
    private static string Cause(ExperimentRow row) =>
        row.Verdict == Verdict.Degraded && row.Degraded.Count > 0 ? string.Join(", ", row.Degraded.Distinct()) : Particulars().Replace(row.Reason, "...");

    /// <summary>The word of a verdict.</summary>
    private static string Word(Verdict verdict) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(verdict.ToString());

    private static string Number(int value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Interval(Tally tally) => $"{Percent(tally.Interval.Low)} to {Percent(tally.Interval.High)}";

    private static string Millions(ulong value) => (value / 1e6).ToString("0.0", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"'[^']*'|\b\d+\b", RegexOptions.None, 1000)]
    private static partial Regex Particulars();
}
