using Emu.Core.Machine;
using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Faults;

/// <summary>How a <see cref="FaultRun"/> ended.</summary>
public sealed record FaultResult
{
    /// <summary>In one word.</summary>
    public required FaultOutcome Outcome { get; init; }

    /// <summary>The fault.</summary>
    public required FaultRecord Fault { get; init; }

    /// <summary>Why the machine stopped, where it did.</summary>
    public StopReason? Stopped { get; init; }

    /// <summary>Instruction count of the start.</summary>
    public required ulong StartIcount { get; init; }

    /// <summary>When the other kernel let the processes run; null when none did.</summary>
    public ulong? TakeoverIcount { get; init; }

    /// <summary>The last thing the other kernel said on the debug console; null without any.</summary>
    public string? LastMark { get; init; }

    /// <summary>What became of each process, as the other kernel reports it.</summary>
    public IReadOnlyList<ResurrectedProcess> Processes { get; init; } = [];

    /// <summary>Instruction count of the end.</summary>
    public required ulong EndIcount { get; init; }

    /// <summary>State hash of the machine at the end.</summary>
    public required string FinalHash { get; init; }
}
