using System.Collections.Immutable;
using System.Text.Json;

namespace Otherworld.Guest.Benchmarks;

/// <summary>All that was measured, and what it was measured on.</summary>
public sealed record BenchReport
{
    /// <summary>Items in the order of suites, names and contenders.</summary>
    public required ImmutableArray<BenchItem> Items { get; init; }

    /// <summary>The geometric means a change is judged by. Null where something was not measured.</summary>
    public BenchGeomeans Geomeans => BenchGeomeans.Of(this);

    /// <summary>What was not measured, and why.</summary>
    public required ImmutableArray<BenchFailure> Failures { get; init; }

    /// <summary>Who took part, by name, with versions.</summary>
    public required ImmutableSortedDictionary<string, string> Contenders { get; init; }

    /// <summary>Bytes each contender held beside the guest's RAM after the last suite.</summary>
    public required ImmutableSortedDictionary<string, long> OwnMemory { get; init; }

    /// <summary>What campaigns cost; null where that was not measured.</summary>
    public CampaignFigures? Campaign { get; init; }

    /// <summary>The host, for people.</summary>
    public required string Host { get; init; }

    /// <summary>The commit this program was built from.</summary>
    public required string Commit { get; init; }

    /// <summary>Identities of the guest images, and the bench program's hash.</summary>
    public required ImmutableArray<string> Images { get; init; }

    /// <summary>How often everything was measured.</summary>
    public required int Runs { get; init; }

    /// <summary>Each item made this part of its rounds.</summary>
    public required int Divisor { get; init; }

    /// <summary>One item of one contender, or null.</summary>
    public BenchItem? Find(string suite, string name, string contender) =>
        Items.FirstOrDefault(item => item.Suite == suite && item.Name == name && item.Contender == contender);

    /// <summary>Seconds of one contender over those of another.</summary>
    /// <returns>Null unless both were measured.</returns>
    public double? Ratio(string suite, string name, string contender, string other) =>
        Find(suite, name, contender)?.MedianS / Find(suite, name, other)?.MedianS;

    /// <summary>Names of a suite's items, in order.</summary>
    public IEnumerable<string> Names(string suite) => Items.Where(item => item.Suite == suite).Select(item => item.Name).Distinct();

    /// <summary>The geometric mean of <see cref="Ratio"/> over a suite's items.</summary>
    public double? MeanRatio(string suite, string contender, string other) =>
        Statistics.GeometricMean(Names(suite).Select(name => Ratio(suite, name, contender, other)).OfType<double>());

    /// <summary>The report as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.BenchReport);
}
