namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>Counts of some rows.</summary>
/// <param name="Name">What they have in common.</param>
/// <param name="Rows">The rows.</param>
public sealed record Tally(string Name, IReadOnlyList<ExperimentRow> Rows)
{
    /// <summary>Experiments in which the kernel died: what rates are of.</summary>
    public int Deaths { get; } = Rows.Count(row => Verdicts.IsDeath(row.Verdict));

    /// <summary>Deaths that the application survived with everything.</summary>
    public int Correct => Of(Verdict.Correct);

    /// <summary>Share of the deaths that it survived with everything; 0 of none.</summary>
    public double Rate => Deaths == 0 ? 0 : (double)Correct / Deaths;

    /// <summary>95 % confidence.</summary>
    public WilsonInterval Interval => WilsonInterval.Of(Correct, Deaths);

    /// <summary>How often a verdict was given.</summary>
    public int Of(Verdict verdict) => Rows.Count(row => row.Verdict == verdict);

    /// <summary>Rows by something they have, in the order in which it first comes.</summary>
    public static IReadOnlyList<Tally> By(IEnumerable<ExperimentRow> rows, Func<ExperimentRow, string> name) => [.. rows.GroupBy(name).Select(group => new Tally(group.Key, [.. group]))];

    /// <summary>A quantile of the instructions from a death to the next answer, over the deaths survived; 0 of none.</summary>
    /// <param name="part">0 to 1.</param>
    public ulong Interruption(double part)
    {
        ulong[] sorted = [.. Rows.Where(row => row.Verdict is Verdict.Correct or Verdict.Degraded).Select(row => row.Interruption?.Icount).OfType<ulong>().Order()];
        return sorted.Length == 0 ? 0 : sorted[(int)Math.Round(part * (sorted.Length - 1))];
    }
}
