using System.Text.Json;
using System.Text.Json.Serialization;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Observing;

namespace Otherworld.Guest.Campaigns;

/// <summary>What one experiment told: a line of the results. Nothing in it depends on the host, so that two rows of one experiment are equal.</summary>
public sealed record ExperimentRow
{
    /// <summary>Hash of the plan.</summary>
    public required string Plan { get; init; }

    /// <summary>Name of the experiment.</summary>
    public required string Id { get; init; }

    /// <summary>The application.</summary>
    public required string App { get; init; }

    /// <summary>Class of the fault.</summary>
    public required string Class { get; init; }

    /// <summary>The fault, completely.</summary>
    public required string Fault { get; init; }

    /// <summary>What was changed, and where.</summary>
    public string? Change { get; init; }

    /// <summary>Instructions since power-on at which it was placed.</summary>
    public required ulong Injected { get; init; }

    /// <summary>The kernel function that ran there.</summary>
    public required string Symbol { get; init; }

    /// <summary>When what was changed was first executed or read; null if it never was, or nobody can tell.</summary>
    public ulong? Activated { get; init; }

    /// <summary>When the kernel entered its crash path; null if it did not.</summary>
    public ulong? Detected { get; init; }

    /// <summary>How it died: <c>panic</c>, <c>exception</c> or <c>hang</c> (the watchdog's NMI); null if it did not, or had no time to say.</summary>
    public string? Death { get; init; }

    /// <summary>Where, as it says.</summary>
    public string? PanicSymbol { get; init; }

    /// <summary>How the experiment ended.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>What is wrong; empty when nothing is.</summary>
    public required string Reason { get; init; }

    /// <summary>Processes, of the application or not, that did not come back, and why.</summary>
    public IReadOnlyList<LostProcess> NotResurrected { get; init => field = value ?? []; } = [];

    /// <summary>What processes of the application came back without.</summary>
    public IReadOnlyList<string> Degraded { get; init => field = value ?? []; } = [];

    /// <summary>Results that were acknowledged and are gone.</summary>
    public int LostOperations { get; init; }

    /// <summary>Instructions and ns from the death to the application's next answer; null if there was none.</summary>
    public Moment? Interruption { get; init; }

    /// <summary>What the observer's log says, in the machine that lives on; null where nobody observes, or the server never came as far.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Observation? Observation { get; init; }

    /// <summary>State hash at the end, of the machine or of both.</summary>
    public required string FinalHash { get; init; }

    /// <summary>The line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, CampaignJson.Lines.ExperimentRow);

    /// <summary>Reads a line.</summary>
    /// <exception cref="JsonException">It is none, or not a whole one.</exception>
    public static ExperimentRow Parse(ReadOnlySpan<byte> line) => JsonSerializer.Deserialize(line, CampaignJson.Lines.ExperimentRow) ?? throw new JsonException("null is no row");
}
