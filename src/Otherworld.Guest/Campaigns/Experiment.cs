namespace Otherworld.Guest.Campaigns;

/// <summary>One experiment of a plan: a pure function of the warm state and what stands here.</summary>
public sealed record Experiment
{
    /// <summary>Its name: the application and a number.</summary>
    public required string Id { get; init; }

    /// <summary>The application.</summary>
    public required string App { get; init; }

    /// <summary>Class of the fault.</summary>
    public required string Class { get; init; }

    /// <summary>Instructions since power-on at which it is injected.</summary>
    public required ulong Trigger { get; init; }

    /// <summary>Draws what the class leaves open.</summary>
    public required ulong Seed { get; init; }

    /// <summary>It runs a second time, with cold caches, and must end in the same state.</summary>
    public bool Twice { get; init; }
}
