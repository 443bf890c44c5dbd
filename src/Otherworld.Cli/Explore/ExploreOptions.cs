using Emu.X86;
using Otherworld.Guest.Boot;

namespace Otherworld.Cli.Explore;

/// <summary>What <c>explore</c> was asked to do.</summary>
internal sealed record ExploreOptions
{
    public required string Run { get; init; }

    /// <summary>On the loopback interface; 0 for any.</summary>
    public required ushort Port { get; init; }

    /// <summary>Where the recordings of forks go.</summary>
    public required string Out { get; init; }

    /// <summary>Most bytes of checkpoints of one run.</summary>
    public required long CheckpointMemory { get; init; }

    public required string? Symbols { get; init; }

    public required IReadOnlyList<DiskChoice> Disks { get; init; }

    public required EngineKind? Engine { get; init; }
}
