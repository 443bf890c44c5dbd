using System.Collections.Immutable;
using Emu.Core.State;

namespace Emu.Core.Worlds;

/// <summary>An Ethernet link between the cards of two or more machines.</summary>
public sealed class Link
{
    /// <param name="description">What it is.</param>
    /// <param name="index">Its place in the world.</param>
    /// <param name="seed">Of the world: equal seeds, equal losses.</param>
    /// <exception cref="OtherworldException">It joins fewer than two machines, or one with itself, or its latency or loss makes no sense.</exception>
    public Link(LinkDescription description, int index, ulong seed)
    {
        CheckSense(description);
        Description = description;
        var seeds = new Prng(seed + (ulong)index);
        Ends = [.. Enumerable.Range(0, description.Between.Length).Select(end => new LinkEnd(description, index, end, seeds.Next()))];
    }

    /// <summary>What it is.</summary>
    public LinkDescription Description { get; }

    /// <summary>Where the cards are plugged in, in the order of <see cref="LinkDescription.Between"/>.</summary>
    public ImmutableArray<LinkEnd> Ends { get; }

    private static void CheckSense(LinkDescription link)
    {
        string name = string.Join(" and ", link.Between);
        if (link.Between.Length < 2)
            throw new OtherworldException($"a link joins at least two machines, not {link.Between.Length}.");
        if (link.Between.Distinct(StringComparer.Ordinal).Count() != link.Between.Length)
            throw new OtherworldException($"the link between {name} joins a machine with itself.");
        if (link.Latency is < LinkDescription.ShortestLatency or > LinkDescription.LongestLatency)
            throw new OtherworldException($"the link between {name} has a latency of {link.Latency} ns; it can have 1us to 10s.");
        if (link.Loss > LinkDescription.LossUnit)
            throw new OtherworldException($"the link between {name} loses more than all frames.");
    }
}
