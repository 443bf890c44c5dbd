using System.Collections.Immutable;

namespace Otherworld.Guest.Benchmarks;

/// <summary>Samples as they come in, and what did not come in.</summary>
internal sealed class BenchLog
{
    private readonly Dictionary<(string Suite, string Name, string Contender), List<BenchSample>> _samples = [];
    private readonly List<BenchFailure> _failures = [];

    /// <summary>What was not measured.</summary>
    internal IReadOnlyList<BenchFailure> Failures => _failures;

    internal void Add(BenchSuite suite, string contender, BenchSample sample)
    {
        if (!_samples.TryGetValue((suite.Name, sample.Item, contender), out List<BenchSample>? samples))
            _samples[(suite.Name, sample.Item, contender)] = samples = [];
        samples.Add(sample);
    }

    internal void Fail(BenchFailure failure) => _failures.Add(failure);

    /// <summary>It failed before, so it is not asked again: a run is bounded.</summary>
    internal bool HasFailed(BenchSuite suite, string name, string contender) =>
        _failures.Any(failure => failure.Contender == contender && failure.Suite == suite.Name && (failure.Name == name || failure.Name.Length == 0));

    /// <summary>All items; one whose result differs from the first contender's that is not ours becomes a failure instead: a wrong result has no time.</summary>
    internal ImmutableArray<BenchItem> Finish(IEnumerable<BenchSuite> suites)
    {
        List<BenchItem> items = [];
        foreach (BenchSuite suite in suites)
        {
            foreach (string name in suite.Items)
            {
                string? expected = ContenderNames.Referees.Select(contender => ResultOf(suite, name, contender)).FirstOrDefault(result => result is not null);
                foreach (string contender in ContenderNames.All)
                {
                    if (!_samples.TryGetValue((suite.Name, name, contender), out List<BenchSample>? samples) || HasFailed(suite, name, contender))
                        continue;
                    if (samples.Find(sample => sample.Result != expected) is { } wrong)
                        Fail(new BenchFailure(suite.Name, name, contender, $"it computed {wrong.Result} instead of {expected}"));
                    else
                        items.Add(new BenchItem(suite.Name, name, contender, [.. samples.Select(sample => sample.Seconds)], samples[^1].Ticks));
                }
            }
        }

        return [.. items];
    }

    private string? ResultOf(BenchSuite suite, string name, string contender) =>
        _samples.TryGetValue((suite.Name, name, contender), out List<BenchSample>? samples) ? samples[0].Result : null;
}
