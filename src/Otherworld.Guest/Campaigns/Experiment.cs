using Otherworld.Guest.Faults;

namespace Otherworld.Guest.Campaigns;

/// <summary>One experiment of a plan: a pure function of the warm state and what stands here.</summary>
public sealed record Experiment
{
    /// <summary>Its name: the application and a number.</summary>
    public required string Id { get; init; }

    /// <summary>The application.</summary>
    public required string App { get; init; }

    /// <summary>The fault, as <see cref="FaultSpec"/> reads it; its trigger counts instructions behind the warm state.</summary>
    public required string Fault { get; init; }

    /// <summary>It runs a second time, with cold caches, and must end in the same state.</summary>
    public bool Twice { get; init; }
}
