using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Lockstep;

/// <summary>How two machines are run side by side.</summary>
public sealed record LockstepOptions
{
    /// <summary>The step when nobody says otherwise, in ticks: long enough that blocks chain, short enough to see a difference soon.</summary>
    public const ulong DefaultStep = 1000;

    /// <summary>Mean length of a step in ticks; each is drawn from 1 to twice as much.</summary>
    public ulong Step { get; init; } = DefaultStep;

    /// <summary>Draws the steps.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Instructions between two looks at the frames written since the last one.</summary>
    public ulong MemoryInterval { get; init; } = 1_000_000;

    /// <summary>Looks at memory between two looks at everything that was ever written.</summary>
    public int WholeInterval { get; init; } = 64;

    /// <summary>Names addresses in the listing; null where there are no symbols.</summary>
    public SymbolTable? Symbols { get; init; }

    /// <summary>A mistake the second machine makes on purpose, to test that it is found.</summary>
    public DeliberateMistake? Mistake { get; init; }

    /// <summary>Called once when a difference has been seen, before parts of the run are repeated: outputs of both machines should be ignored from then on.</summary>
    public Action Narrowing { get; init; } = static () => { };
}
