using System.Text.Json.Serialization;

namespace Otherworld.Guest.Campaigns;

/// <summary>The first line of a plan.</summary>
public sealed record PlanHeader
{
    /// <summary>Version of the form of plans and results.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Must be <see cref="CurrentFormat"/>.</summary>
    public required int Format { get; init; }

    /// <summary>Commit of the program that made it.</summary>
    public required string Commit { get; init; }

    /// <summary>Which faults.</summary>
    public required string Set { get; init; }

    /// <summary>Drew all of it.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Under a kernel that cannot write to memory of processes by mistake (docs/protected.md).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Protected { get; init; }

    /// <summary>The applications.</summary>
    public required IReadOnlyList<PlannedApp> Apps { get; init; }

    /// <summary>How many lines follow.</summary>
    public required int Experiments { get; init; }
}
