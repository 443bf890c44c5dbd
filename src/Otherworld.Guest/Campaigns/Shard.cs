using System.Globalization;
using Emu.Core;

namespace Otherworld.Guest.Campaigns;

/// <summary>A part of a plan for one machine: every <see cref="Count"/>-th experiment.</summary>
/// <param name="Index">From 1.</param>
/// <param name="Count">How many parts there are.</param>
public sealed record Shard(int Index, int Count)
{
    /// <summary>All of it.</summary>
    public static Shard Whole { get; } = new(1, 1);

    /// <summary>Reads <c>i/n</c>.</summary>
    /// <exception cref="OtherworldException">It is none.</exception>
    public static Shard Parse(string text)
    {
        string[] parts = text.Split('/');
        if (parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && index >= 1 && index <= count)
            return new Shard(index, count);
        throw new OtherworldException($"'{text}' is no part of a campaign: wanted is i/n with 1 <= i <= n, for example 3/8.");
    }

    /// <summary>Its experiments, in order.</summary>
    public IEnumerable<Experiment> Of(CampaignPlan plan) => plan.Experiments.Where((_, number) => number % Count == Index - 1);
}
