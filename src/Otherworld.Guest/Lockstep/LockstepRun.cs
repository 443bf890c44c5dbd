using Emu.Core;
using Emu.Core.Machine;
using Emu.Core.Snapshots;
using Emu.Core.State;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Lockstep;

/// <summary>
/// Runs two machines side by side in random steps, so that chained blocks really run, and compares them: registers, flags and devices at every
/// step, memory written since at intervals, everything at the end. The first machine's inputs are the second's too.
/// </summary>
/// <remarks>
/// Snapshots are taken of the first machine only: taking one of the second would make it drop what it has cached, and so hide what is wrong there.
/// Inputs go to the first machine between calls of <see cref="Run"/>, for the present tick.
/// </remarks>
public sealed class LockstepRun
{
    private readonly LockstepPair _pair;
    private readonly LockstepOptions _options;
    private readonly InputTap _tap;
    private readonly List<ulong> _cuts = [];
    private Prng _prng;
    private Anchor _whole;
    private Anchor _recent;
    private int _forwarded;
    private int _seenDirty;
    private int _looks;

    /// <param name="reference">Runs by the interpreter.</param>
    /// <param name="subject">Runs by the engine in question; in the same state.</param>
    /// <param name="options">How.</param>
    public LockstepRun(GuestMachine reference, GuestMachine subject, LockstepOptions options)
    {
        Check.That(options.Step > 0 && options.WholeInterval > 0);
        Check.That(MachineComparison.SameParts(reference.Machine, subject.Machine) && MachineComparison.SameMemory(reference.Machine, subject.Machine), "lockstep begins with unequal machines");
        _pair = new LockstepPair(reference, subject, options.Mistake);
        _options = options;
        _prng = new Prng(options.Seed);
        _tap = new InputTap(reference.Machine.Journal);
        reference.Machine.Journal = _tap;
        _whole = _recent = TakeAnchor();
    }

    /// <summary>The first difference; null as long as there is none.</summary>
    public EngineDivergence? Divergence { get; private set; }

    /// <summary>Steps so far, each with a comparison.</summary>
    public ulong Steps { get; private set; }

    /// <summary>Runs both machines to a tick, or until something happened, or until they differ (the reason is then <see cref="StopReason.None"/>).</summary>
    public RunResult Run(ulong limit)
    {
        while (Divergence is null)
        {
            RunResult result = Step(Math.Min(limit, NextCut()));
            if (Divergence is null && (result.Reason != StopReason.Limit || _pair.Reference.Machine.Clock.Now >= limit))
                return result;
        }

        return new RunResult(StopReason.None);
    }

    /// <summary>Makes both machines what one of them was; what had been cached in the second one is gone then.</summary>
    public void Restore(MemorySnapshot snapshot)
    {
        snapshot.Restore(_pair.Reference.Machine);
        snapshot.Restore(_pair.Subject.Machine);
        _seenDirty = _pair.Subject.Machine.Memory.DirtyFrames.Length;
        BeginAnew();
    }

    /// <summary>The last look, at all of RAM; ends the run.</summary>
    /// <returns>The first difference; null for none.</returns>
    public EngineDivergence? Finish()
    {
        if (Divergence is null && !(MachineComparison.SameMemory(_pair.Reference.Machine, _pair.Subject.Machine) && _pair.IsEqual))
            Diverge(_whole);
        _pair.Reference.Machine.Journal = _tap.Next;
        return Divergence;
    }

    /// <summary>An idle machine jumps to its next event anyway.</summary>
    private ulong NextCut()
    {
        PcMachine machine = _pair.Reference.Machine;
        ulong from = machine.Processor.Halted ? Math.Max(machine.Clock.Now, machine.Events.NextTick) : machine.Clock.Now;
        ulong length = 1 + _prng.Below(2 * _options.Step);
        return from > ulong.MaxValue - length ? ulong.MaxValue : from + length;
    }

    private RunResult Step(ulong tick)
    {
        _cuts.Add(tick);
        Steps++;
        RunResult expected = _pair.RunReference(tick);
        while (_forwarded < _tap.Inputs.Count)
            _pair.Subject.Machine.Inject(_tap.Inputs[_forwarded++]);
        RunResult actual = _pair.RunSubject(tick);
        if (expected != actual || !MachineComparison.SameParts(_pair.Reference.Machine, _pair.Subject.Machine))
            Diverge(_recent);
        else if (_pair.Reference.Processor.InstructionCount - _recent.Snapshot.InstructionCount >= _options.MemoryInterval)
            Look();
        return expected;
    }

    /// <summary>Compares memory: mostly what was written since the last look, now and then all that was ever written.</summary>
    private void Look()
    {
        bool whole = ++_looks % _options.WholeInterval == 0;
        ReadOnlySpan<uint> written = _pair.Subject.Machine.Memory.DirtyFrames;
        bool same = whole
            ? _pair.IsEqual
            : MachineComparison.SameFrames(_pair.Reference.Machine, _pair.Subject.Machine, _pair.Reference.Machine.Memory.DirtyFrames)
                && MachineComparison.SameFrames(_pair.Reference.Machine, _pair.Subject.Machine, written[_seenDirty..]);
        if (!same)
        {
            Diverge(whole ? _whole : _recent);
            return;
        }

        _seenDirty = written.Length;
        if (whole)
        {
            BeginAnew();
        }
        else
        {
            _recent = TakeAnchor();
        }
    }

    /// <summary>From here on: both machines are known to be equal.</summary>
    private void BeginAnew()
    {
        _cuts.Clear();
        _tap.Inputs.Clear();
        _forwarded = 0;
        _whole = _recent = TakeAnchor();
    }

    private Anchor TakeAnchor() => new(MemorySnapshot.Take(_pair.Reference.Machine), _cuts.Count, _tap.Inputs.Count);

    /// <summary>Looks for the cause behind the given point; a difference in memory may be older than the register that showed it.</summary>
    private void Diverge(Anchor anchor)
    {
        IReadOnlyList<StateDifference> seen = MachineComparison.Describe(_pair.Reference.Machine, _pair.Subject.Machine);
        ulong now = _pair.Reference.Machine.Clock.Now;
        _options.Narrowing();
        _pair.Reference.Machine.Journal = null;
        Divergence = Search(anchor) ?? (anchor == _whole ? null : Search(_whole)) ?? new EngineDivergence
        {
            Equal = anchor.Snapshot.Tick,
            Different = now,
            IsReproduced = false,
            Differences = seen,
            Listing = [],
        };
    }

    private EngineDivergence? Search(Anchor anchor) =>
        new DivergenceSearch(_pair, anchor.Snapshot, [.. _cuts.Skip(anchor.Cut)], [.. _tap.Inputs.Skip(anchor.Input)], _options.Symbols).Find();

    /// <summary>A moment at which the machines were equal, and how much had happened since the lists were cleared.</summary>
    private sealed record Anchor(MemorySnapshot Snapshot, int Cut, int Input);
}
