using System.Text.Json.Serialization;
using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Observing;

/// <summary>What an observer found when it compared its log with what the server holds. Operations in doubt may have taken effect or not, but not twice.</summary>
public sealed record Observation
{
    /// <summary>Operations the server answered for.</summary>
    public required int Acknowledged { get; init; }

    /// <summary>Of those: the server does not hold what it had acknowledged.</summary>
    public required int Lost { get; init; }

    /// <summary>Effects beyond those of all operations that were asked for.</summary>
    public required int Duplicated { get; init; }

    /// <summary>The server holds what nobody ever gave it.</summary>
    public required int Corrupted { get; init; }

    /// <summary>The server does not hold exactly what it must.</summary>
    [JsonIgnore]
    public bool IsWrong => Lost + Duplicated + Corrupted > 0;

    /// <summary>Operations it answered that it did not do.</summary>
    public required int Refused { get; init; }

    /// <summary>Operations without an answer: the connection ended.</summary>
    public required int InDoubt { get; init; }

    /// <summary>Connections that ended without notice.</summary>
    public required int Broken { get; init; }

    /// <summary>The longest time from one acknowledgement to the next, in instructions of the server and ns of the observer's time.</summary>
    public required Moment LongestInterruption { get; init; }

    /// <summary>The first thing wrong, or null.</summary>
    public required string? Problem { get; init; }
}
