using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Debugging;
using Otherworld.Guest.Images;
using Otherworld.Guest.Lockstep;
using Otherworld.Guest.Observing;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Experiments;

/// <summary>What a demo run is to do.</summary>
public sealed record DemoOptions
{
    /// <summary>The image <c>otherworld</c>, or with <see cref="App"/> the image <c>debian</c> or <c>protected</c>.</summary>
    public required GuestImage Image { get; init; }

    /// <summary>The application the demo is about; null for the programs of the image <c>otherworld</c>.</summary>
    public DemoApp? App { get; init; }

    /// <summary>How an observer in a machine of its own uses the server that <see cref="App"/> is; null for clients in the same machine.</summary>
    public ObserverSettings? Observer { get; init; }

    /// <summary>The application loads its crash procedure, which saves what only memory holds and has it started again (docs/crash-procedures.md).</summary>
    public bool Procedure { get; init; }

    /// <summary>Draws the kinds and points of the crashes.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How often the kernel is killed.</summary>
    public int Crashes { get; init; } = 1;

    /// <summary>The kind for every crash; null draws it.</summary>
    public PanicKind? Kind { get; init; }

    /// <summary>Bytes of RAM.</summary>
    public ulong MemorySize { get; init; } = 512UL << 20;

    /// <summary>A disk besides that of the image; null for none.</summary>
    public DiskChoice? SecondDisk { get; init; }

    /// <summary>What runs the guest's instructions; null for the fastest this host can run.</summary>
    public EngineKind? Engine { get; init; }

    /// <summary>How both engines run the guest side by side; null runs <see cref="Engine"/> alone.</summary>
    public LockstepOptions? Lockstep { get; init; }

    /// <summary>Lets a debugger in at the last fault; null for none.</summary>
    public Func<DebugTarget, GdbServer>? Debugger { get; init; }

    /// <summary>With <see cref="Debugger"/>: names for what its monitor commands answer; null for those of the image's kernel.</summary>
    public SymbolTable? DebugSymbols { get; init; }

    /// <summary>With <see cref="Debugger"/>: most bytes of the checkpoints from which it goes back.</summary>
    public long CheckpointMemory { get; init; } = 1L << 30;

    /// <summary>Folder to record the run into; null records nothing.</summary>
    public string? Record { get; init; }

    /// <summary>The recording holds its disk image.</summary>
    public bool SelfContained { get; init; }

    /// <summary>Folder for snapshots and logs; null writes nothing.</summary>
    public string? Out { get; init; }

    /// <summary>Commit of this program, for the snapshots.</summary>
    public string Commit { get; init; } = "unknown";

    /// <summary>Told what happens, for a person.</summary>
    public Action<string> Progress { get; init; } = static _ => { };
}
