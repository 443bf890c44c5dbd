using System.Globalization;
using System.Text.RegularExpressions;

namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>What the rows of a campaign say together.</summary>
public sealed partial class CampaignReport
{
    private const int ExamplesShown = 3;

    private readonly CampaignPlan _plan;
    private readonly IReadOnlyList<ExperimentRow> _rows;
    private readonly string _folder;

    /// <param name="plan">The plan.</param>
    /// <param name="rows">Its rows, each experiment once.</param>
    /// <param name="folder">The campaign's folder, for the commands that reproduce something.</param>
    public CampaignReport(CampaignPlan plan, IReadOnlyList<ExperimentRow> rows, string folder)
    {
        _plan = plan;
        _rows = rows;
        _folder = folder;
        Apps = Tally.By(rows, row => row.App);
    }

    /// <summary>Counts of each application.</summary>
    public IReadOnlyList<Tally> Apps { get; }

    /// <summary>Everything, in the order of the page.</summary>
    public IReadOnlyList<ReportSection> Sections()
    {
        ReportTable causes = Causes();
        return
        [
            new("Result", Head(), Survival([.. Apps, new Tally("all", _rows)]), Apps.Count == 0 ? null : CampaignChart.Outcomes(Apps)),
            new("By application and class of fault", [], Survival(Tally.By(_rows, row => $"{row.App}, {row.Class}"))),
            new("Interruption", ["From the death to the application's next answer, over the deaths survived, in millions of instructions."], Interruptions(), Apps.Count == 0 ? null : CampaignChart.Interruptions(Apps)),
            new("What fails, by cause", causes.Rows.Count == 0 ? ["Nothing."] : ["Each of these rows is there again with its command; with `--gdb` a debugger stands just before the fault."], causes.Rows.Count == 0 ? null : causes),
            new("Experiments in which the kernel did not die", ["They are in no rate above."], Alive()),
            new(
                "Beside it: what the authors of Otherworld published",
                ["Claims of Depoutovitch and Stumm (EuroSys 2010), from their abstract, about MySQL, Apache/PHP, Joe and vi; not measured by us, and with another fault model: over 97 % of kernel crashes survived; no overhead by default; 4 to 12 % with protection of application memory."]),
        ];
    }

    private List<string> Head() =>
    [
        string.Create(CultureInfo.InvariantCulture, $"Plan {_plan.Hash}, set {_plan.Header.Set}, seed {_plan.Header.Seed}, commit {_plan.Header.Commit}; {_rows.Count} of {_plan.Experiments.Count} experiments done, {_rows.Count(row => row.Verdict == Verdict.Invalid)} of them invalid. {(_plan.Header.Protected ? "Protected mode: the kernel cannot write to private memory of processes by mistake." : "Default mode: nothing protects user memory.")}"),
        "A rate is the share of the deaths after which the application works with everything it had acknowledged; beside it the 95 % Wilson interval.",
    ];

    private static ReportTable Survival(IEnumerable<Tally> tallies) => new(
        ["", "deaths", "correct", "degraded", "wrong data", "not resurrected", "no crash kernel", "rate", "95 % interval"],
        [
            .. tallies.Where(tally => tally.Deaths > 0).Select(tally => (IReadOnlyList<string>)
            [
                tally.Name, Number(tally.Deaths), Number(tally.Correct), Number(tally.Of(Verdict.Degraded)), Number(tally.Of(Verdict.WrongData)),
                Number(tally.Of(Verdict.NotResurrected)), Number(tally.Of(Verdict.NoCrashKernel)), Percent(tally.Rate), $"{Percent(tally.Interval.Low)} to {Percent(tally.Interval.High)}",
            ]),
        ]);

    private ReportTable Interruptions() => new(
        ["", "least", "median", "95 %", "most"],
        [.. Apps.Where(app => app.Interruption(1) > 0).Select(app => (IReadOnlyList<string>)[app.Name, .. ((double[])[0, 0.5, 0.95, 1]).Select(part => Millions(app.Interruption(part)))])]);

    private ReportTable Alive() => new(
        ["", "not activated", "no failure", "unnoticed", "invalid"],
        [.. Apps.Select(app => (IReadOnlyList<string>)[app.Name, .. ((Verdict[])[Verdict.NotActivated, Verdict.NoFailure, Verdict.Unnoticed, Verdict.Invalid]).Select(verdict => Number(app.Of(verdict)))])]);

    private ReportTable Causes() => new(
        ["application", "verdict", "cause", "rows", "again"],
        [
            .. from row in _rows
               where Verdicts.IsFailure(row.Verdict) || row.Verdict == Verdict.Degraded
               group row by (row.App, row.Verdict, Cause: Cause(row)) into same
               orderby same.Count() descending, same.Key.App, same.Key.Cause
               select (IReadOnlyList<string>)
               [
                   same.Key.App, Word(same.Key.Verdict), same.Key.Cause, Number(same.Count()),
                   string.Join("; ", same.Take(ExamplesShown).Select(row => $"./otherworld campaign repro {_folder} {row.Id}")),
               ],
        ],
        IsText: true);

    /// <summary>The reason without what differs from row to row.</summary>
    private static string Cause(ExperimentRow row) =>
        row.Verdict == Verdict.Degraded && row.Degraded.Count > 0 ? string.Join(", ", row.Degraded.Distinct()) : Particulars().Replace(row.Reason, "...");

    /// <summary>The word of a verdict.</summary>
    private static string Word(Verdict verdict) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(verdict.ToString());

    private static string Number(int value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Millions(ulong value) => (value / 1e6).ToString("0.0", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"'[^']*'|\b\d+\b", RegexOptions.None, 1000)]
    private static partial Regex Particulars();
}
