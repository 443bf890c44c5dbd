namespace Otherworld.Guest.Benchmarks;

/// <summary>Something that was not measured.</summary>
/// <param name="Suite">Its suite; empty for a contender that takes no part at all.</param>
/// <param name="Name">The item; empty for all of them.</param>
/// <param name="Contender">Who.</param>
/// <param name="Reason">Why, one line.</param>
public sealed record BenchFailure(string Suite, string Name, string Contender, string Reason);
