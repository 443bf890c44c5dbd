using System.Collections.Immutable;

namespace Emu.Core.Worlds;

/// <summary>Everything that decides what a link does with frames, apart from the seed of its losses.</summary>
public sealed record LinkDescription
{
    /// <summary>Losses are counted in so many frames.</summary>
    public const uint LossUnit = 1_000_000;

    /// <summary>Shortest latency: machines run at least so long without looking at each other.</summary>
    public const ulong ShortestLatency = 1_000;

    /// <summary>Longest latency, which bounds what can be under way.</summary>
    public const ulong LongestLatency = 10_000_000_000;

    /// <summary>The machines it joins, by name; each has a card of its own at it. What one sends, all others receive.</summary>
    public required ImmutableArray<string> Between { get; init; }

    /// <summary>Ticks from the last bit leaving one card to the frame's arrival at another.</summary>
    public ulong Latency { get; init; } = 100_000;

    /// <summary>Bits per second of guest time, in each direction of each card; 0 for as many as there are.</summary>
    public ulong Bandwidth { get; init; } = 1_000_000_000;

    /// <summary>How many of <see cref="LossUnit"/> frames get lost on the way, drawn for each receiver.</summary>
    public uint Loss { get; init; }
}
