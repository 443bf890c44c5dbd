using Emu.Core.Host;
using Otherworld.Guest.Boot;

namespace Otherworld.Cli;

/// <summary>What <c>boot</c> was asked to do.</summary>
internal sealed record BootOptions
{
    public required KernelRequest? Kernel { get; init; }

    public required MachineSettings Settings { get; init; }

    public required string? Until { get; init; }

    public required RunLimit? Limit { get; init; }

    public required Pace Pace { get; init; }

    public required string? From { get; init; }

    /// <summary>Where to save a snapshot at the end, or null.</summary>
    public string? Save { get; init; }

    /// <summary>Saving is the purpose: only at the end asked for, and reaching it is success.</summary>
    public bool SaveIsPurpose { get; init; }

    /// <summary>Run both engines side by side.</summary>
    public bool IsLockstep { get; init; }

    /// <summary>Mean ticks between two comparisons; null for the default.</summary>
    public ulong? Lockstep { get; init; }

    /// <summary>Folder to record the run into, or null.</summary>
    public string? Record { get; init; }

    /// <summary>The recording holds its disk images.</summary>
    public bool SelfContained { get; init; }

    public required bool Json { get; init; }

    public required bool Verbose { get; init; }
}
