using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Debugging;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Faults;

/// <summary>What a <see cref="FaultRun"/> is to do.</summary>
public sealed record FaultRunOptions
{
    /// <summary>Snapshot file to start from.</summary>
    public required string Snapshot { get; init; }

    /// <summary>The fault.</summary>
    public required FaultSpec Fault { get; init; }

    /// <summary>Where the snapshot's disk images are now; if empty, where they were.</summary>
    public IReadOnlyList<DiskChoice> Disks { get; init; } = [];

    /// <summary>System.map or unstripped kernel; null for those beside the snapshot's disk image.</summary>
    public string? Symbols { get; init; }

    /// <summary>How long the kernel may live with the fault, and how long another may take to bring the processes back: guest instructions each.</summary>
    public ulong Limit { get; init; } = 1_000_000_000;

    /// <summary>Instructions behind the start in which is looked which functions the kernel runs; 0 draws among all functions.</summary>
    public ulong ProfileWindow { get; init; } = 20_000_000;

    /// <summary>What runs the guest; null for the fastest there is.</summary>
    public EngineKind? Engine { get; init; }

    /// <summary>Folder to record the run into; null records nothing.</summary>
    public string? Record { get; init; }

    /// <summary>Commit of this program, for the recording.</summary>
    public string Commit { get; init; } = "unknown";

    /// <summary>Lets a debugger in just before the fault; null for none.</summary>
    public Func<DebugTarget, GdbServer>? Debugger { get; init; }

    /// <summary>With <see cref="Debugger"/>: names for its monitor commands; null for those of the kernel.</summary>
    public SymbolTable? DebugSymbols { get; init; }

    /// <summary>With <see cref="Debugger"/>: most bytes of the checkpoints from which it goes back.</summary>
    public long CheckpointMemory { get; init; } = 1L << 30;

    /// <summary>Told what happens, for a person.</summary>
    public Action<string> Progress { get; init; } = static _ => { };
}
