using Emu.Core.Machine;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Runs;

namespace Otherworld.Cli;

/// <summary>What <c>replay</c> was asked to do.</summary>
internal sealed record ReplayOptions
{
    public required string Run { get; init; }

    public required ReplayTarget? Target { get; init; }

    /// <summary>The target in the person's words.</summary>
    public required string TargetText { get; init; }

    public required bool Verify { get; init; }

    public required bool Fork { get; init; }

    public required string? Save { get; init; }

    public required string? Record { get; init; }

    public required RunLimit? Limit { get; init; }

    /// <summary>The guest's line that the terminal is.</summary>
    public required InputSource Tty { get; init; }

    public required IReadOnlyList<DiskChoice> Disks { get; init; }

    public required EngineKind? Engine { get; init; }

    /// <summary>How a debugger is let in; null for none.</summary>
    public required DebugChoice? Debug { get; init; }

    public required bool Json { get; init; }
}
