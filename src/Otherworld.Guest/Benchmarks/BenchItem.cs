using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Otherworld.Guest.Benchmarks;

/// <summary>One item of one contender, over all runs.</summary>
/// <param name="Suite">The suite.</param>
/// <param name="Name">The item.</param>
/// <param name="Contender">Who.</param>
/// <param name="Runs">Seconds of each run, in order.</param>
/// <param name="Ticks">Ticks of the guest's time stamp counter in the last run: for Otherworld instructions.</param>
public sealed record BenchItem(
    string Suite, string Name, string Contender, [property: JsonPropertyOrder(1)] ImmutableArray<double> Runs, [property: JsonIgnore] ulong Ticks)
{
    /// <summary>The middle of all runs, in seconds.</summary>
    public double MedianS { get; } = Statistics.Median(Runs);
}
