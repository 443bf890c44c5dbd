namespace Otherworld.Guest.Overhead;

/// <summary>One way through both kernels.</summary>
/// <param name="Patched">In the kernel with our patches.</param>
/// <param name="Unpatched">In the kernel without.</param>
public sealed record PathPair(PathCount Patched, PathCount Unpatched)
{
    /// <summary>
    /// Instructions that the patches add to a round: by so many the values of one kernel must be moved to cover those of the other best. Where nearly all rounds cost the same that
    /// is the difference of the two modes; where a round has many usual costs, each about as often as the next, no single one decides.
    /// </summary>
    public long Difference => Differences().OrderByDescending(Covered).ThenBy(Math.Abs).FirstOrDefault();

    /// <summary>Part of the rounds that cost the same in both kernels when <see cref="Difference"/> is taken away, 0 to 1.</summary>
    public double Alike => (double)Covered(Difference) / Math.Max(Patched.Rounds, Unpatched.Rounds);

    private IEnumerable<long> Differences() => Patched.Values.Keys.SelectMany(_ => Unpatched.Values.Keys, (one, other) => one - other).Distinct();

    private int Covered(long difference) => Patched.Values.Sum(value => Math.Min(value.Value, Unpatched.Values.GetValueOrDefault(value.Key - difference)));
}
