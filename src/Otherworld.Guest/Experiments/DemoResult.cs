using Otherworld.Guest.Consoles;
using Otherworld.Guest.Observing;

namespace Otherworld.Guest.Experiments;

/// <summary>How a demo run went.</summary>
public sealed record DemoResult
{
    /// <summary><c>resurrected</c>, or what went wrong first.</summary>
    public required string Verdict { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Name and input hash of the image.</summary>
    public required string Image { get; init; }

    /// <summary>Hash over what was really loaded of it: kernel, initramfs, command line and disk.</summary>
    public required string Content { get; init; }

    /// <summary>The application it was about, if about one.</summary>
    public required DemoApp? App { get; init; }

    /// <summary>Results acknowledged before a death that are gone: characters of an editor, answers of a server; null without an application, or when nobody can tell.</summary>
    public required int? LostOperations { get; init; }

    /// <summary>Instructions and ns from the last death to the first answer of the application after it; null if there was none.</summary>
    public required Moment? Interruption { get; init; }

    /// <summary>The same, and what came before it; null without an application. Parts that were not watched are null, too: with a debugger or in lockstep.</summary>
    public required WaitTimes? Waits { get; init; }

    /// <summary>What was read of the kernel that died last; null if it has no successor.</summary>
    public required DeadReads? BytesRead { get; init; }

    /// <summary>What the observer in another machine found; null without one, or when it came to no check.</summary>
    public required Observation? Observation { get; init; }

    /// <summary>Every death, in order.</summary>
    public required IReadOnlyList<CrashRecord> Panics { get; init; }

    /// <summary>What each kernel had that came after a death, when everything was checked; empty for a single death.</summary>
    public required IReadOnlyList<MemoryReading> Memory { get; init; }

    public required IReadOnlyList<Phase> Phases { get; init; }

    /// <summary>Processes of the last death.</summary>
    public required IReadOnlyList<ResurrectedProcess> Processes { get; init; }

    /// <summary>Snapshot files before the last fault and at the last death; null where none was written.</summary>
    public required string? SnapshotBefore { get; init; }

    /// <inheritdoc cref="SnapshotBefore"/>
    public required string? SnapshotAt { get; init; }

    /// <summary>State hash of the machine at the end, 16 hexadecimal digits.</summary>
    public required string FinalHash { get; init; }

    /// <summary>How often both engines were compared; null for a run by one of them.</summary>
    public required ulong? LockstepSteps { get; init; }

    /// <summary>Every check held.</summary>
    public bool Success => Verdict == "resurrected";
}
