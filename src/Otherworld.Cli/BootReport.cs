using System.Text.Json;

namespace Otherworld.Cli;

/// <summary>The line of JSON <c>boot --json</c> ends with.</summary>
internal sealed record BootReport
{
    /// <summary>How the run ended, one word.</summary>
    public required string Outcome { get; init; }

    /// <summary>The exit status.</summary>
    public required int Exit { get; init; }

    /// <summary>Instructions retired since power-on.</summary>
    public required ulong Icount { get; init; }

    /// <summary>Guest time since power-on.</summary>
    public required ulong VtimeNs { get; init; }

    /// <summary>The commit this program was built from.</summary>
    public required string Commit { get; init; }

    /// <summary>Hash of the machine's description.</summary>
    public required string Machine { get; init; }

    /// <summary>Hash of kernel, initrd, command line and disks.</summary>
    public required string Images { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Hash of all external inputs.</summary>
    public required string Inputs { get; init; }

    /// <summary>Hash of the machine's whole state at the end.</summary>
    public required string FinalHash { get; init; }

    /// <summary>The effective settings, by name.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>What the guest did that we do not know, and how often.</summary>
    public required IReadOnlyDictionary<string, ulong> Unknown { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, CliJson.Readable.BootReport);
}
