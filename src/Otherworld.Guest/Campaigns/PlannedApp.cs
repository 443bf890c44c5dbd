using System.Text.Json.Serialization;

namespace Otherworld.Guest.Campaigns;

/// <summary>An application of a plan, and the state from which all experiments with it start.</summary>
public sealed record PlannedApp
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Hash over kernel, initramfs, command line and disk.</summary>
    public required string Content { get; init; }

    /// <summary>The image these are of (<see cref="Images.GuestImage.Identity"/>); null in a plan that was made before it was written down.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Image { get; init; }

    /// <summary>Instructions from power-on to the warm state.</summary>
    public required ulong WarmIcount { get; init; }

    /// <summary>State hash there: whoever runs an experiment must arrive at it.</summary>
    public required string WarmHash { get; init; }

    /// <summary>Instructions behind it in which faults are injected.</summary>
    public required ulong Window { get; init; }

    /// <summary>Kernel instructions among them.</summary>
    public required ulong KernelInstructions { get; init; }

    /// <summary>Those executed for the application inside a system call.</summary>
    public required ulong CallInstructions { get; init; }
}
