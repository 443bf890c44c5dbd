namespace Otherworld.Cli;

/// <summary>A block in the JSON of <c>trace --blocks</c>.</summary>
internal sealed record TraceBlock
{
    /// <summary>Linear address, hexadecimal.</summary>
    public required string Rip { get; init; }

    /// <summary>The same as a symbol, where the kernel file has symbols.</summary>
    public required string? Symbol { get; init; }

    /// <summary>Offset in RAM, hexadecimal.</summary>
    public required string Ram { get; init; }

    /// <summary>How often the guest was found in it.</summary>
    public required int Samples { get; init; }

    public required int GuestBytes { get; init; }

    public required int HostBytes { get; init; }

    public required IReadOnlyList<TraceInstruction> Instructions { get; init; }
}
