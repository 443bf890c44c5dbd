namespace Otherworld.Guest.Benchmarks;

/// <summary>One item measured once.</summary>
/// <param name="Item">Its name.</param>
/// <param name="Seconds">By the host's clock.</param>
/// <param name="Result">What it computed; empty where nothing is computed.</param>
/// <param name="Ticks">Ticks of the guest's time stamp counter: for Otherworld instructions.</param>
internal sealed record BenchSample(string Item, double Seconds, string Result = "", ulong Ticks = 0);
