namespace Otherworld.Guest.Faults;

/// <summary>What is known of an injected fault. Instruction counts are those of the machine since power-on.</summary>
public sealed record FaultRecord
{
    /// <summary>The fault.</summary>
    public required FaultSpec Spec { get; init; }

    /// <summary>Where the machine stood when it was placed.</summary>
    public required ulong PlacedIcount { get; init; }

    /// <summary>What was changed, in the order of the changes. Empty while an armed fault waits for the kernel to come by.</summary>
    public IReadOnlyList<FaultChange> Changes { get; init; } = [];

    /// <summary>What sites the fault was drawn from, in words; null when the site was given.</summary>
    public string? DrawnFrom { get; init; }

    /// <summary>When the changed instruction, data or call first took part in what the kernel does; null while it has not.</summary>
    public ulong? ActivatedIcount { get; init; }

    /// <summary>The changed data was overwritten before anybody read it: it will never be activated.</summary>
    public bool IsOverwritten { get; init; }

    /// <summary>When the kernel entered its way to die; null while it has not.</summary>
    public ulong? DetectedIcount { get; init; }

    /// <summary>The first function that failed, with the offset in it: where the kernel was when it noticed.</summary>
    public string? FailedIn { get; init; }

    /// <summary>What the kernel said of its death, in its own words.</summary>
    public string? Message { get; init; }

    /// <summary>It took part in what the kernel does.</summary>
    public bool IsActivated => ActivatedIcount is not null;

    /// <summary>Instructions from activation to detection; null unless both came.</summary>
    public ulong? Latency => DetectedIcount - ActivatedIcount;
}
