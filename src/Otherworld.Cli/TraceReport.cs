using System.Text.Json;

namespace Otherworld.Cli;

/// <summary>The line of JSON that <c>trace --blocks --json</c> writes.</summary>
internal sealed record TraceReport
{
    /// <summary>Why the run ended.</summary>
    public required string End { get; init; }

    /// <summary>Instructions retired since power-on.</summary>
    public required ulong Icount { get; init; }

    /// <summary>Ticks between two samples.</summary>
    public required ulong Interval { get; init; }

    /// <summary>Samples in which the guest was not halted.</summary>
    public required int Samples { get; init; }

    /// <summary>Translations made, later ones of the same block included.</summary>
    public required ulong Translated { get; init; }

    /// <summary>The hottest, most samples first.</summary>
    public required IReadOnlyList<TraceBlock> Blocks { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, CliJson.Readable.TraceReport);
}
