using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Runs;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Tracing;

/// <summary>What to trace, and how.</summary>
public sealed record TraceOptions
{
    /// <summary>The recorded run.</summary>
    public required RunFolder Run { get; init; }

    /// <summary>Of the kernel that runs in it.</summary>
    public required SymbolTable Symbols { get; init; }

    /// <summary>The form.</summary>
    public required TraceFormat Format { get; init; }

    /// <summary>Instructions between two looks at the stack; for <see cref="TraceFormat.Folded"/> only.</summary>
    public ulong Every { get; init; } = 10_007;

    /// <summary>Where the trace ends, counted from where the run begins; null for its end.</summary>
    public RunLimit? Limit { get; init; }

    /// <summary>Where disk images are now; if empty, in the run's folder or where they were.</summary>
    public IReadOnlyList<DiskChoice> Disks { get; init; } = [];

    /// <summary>What runs it; null for the fastest there is. No trace can tell.</summary>
    public EngineKind? Engine { get; init; }

    /// <summary>Is told now and then how many instructions have been run again.</summary>
    public Action<ulong> Progress { get; init; } = _ => { };
}
