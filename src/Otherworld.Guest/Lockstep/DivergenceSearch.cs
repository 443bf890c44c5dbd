using Emu.Core.Machine;
using Emu.Core.Snapshots;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Lockstep;

/// <summary>
/// Finds the instruction that makes two machines differ, by repeating the run from a snapshot with the very same cuts. Engines can only be seen
/// where a run ends, and ending it elsewhere changes what they do; so first the earliest end that shows the difference is looked for, then the
/// latest start from which the engine in question still makes it, everything before being run by the interpreter.
/// </summary>
internal sealed class DivergenceSearch
{
    private readonly LockstepPair _pair;
    private readonly MemorySnapshot _start;
    private readonly IReadOnlyList<ulong> _cuts;
    private readonly IReadOnlyList<InputEvent> _inputs;
    private readonly SymbolTable? _symbols;
    private int _step;

    /// <param name="pair">The machines; afterwards the first one stands where they first differ.</param>
    /// <param name="start">Where both are equal.</param>
    /// <param name="cuts">Where the run was cut since, in order.</param>
    /// <param name="inputs">What was put in since.</param>
    /// <param name="symbols">For the listing.</param>
    public DivergenceSearch(LockstepPair pair, MemorySnapshot start, IReadOnlyList<ulong> cuts, IReadOnlyList<InputEvent> inputs, SymbolTable? symbols)
    {
        _pair = pair;
        _start = start;
        _cuts = cuts;
        _inputs = inputs;
        _symbols = symbols;
    }

    /// <summary>Looks.</summary>
    /// <returns>Null when the difference does not come about again.</returns>
    public EngineDivergence? Find()
    {
        if (_cuts.Count == 0 || !DiffersAfter(_cuts.Count))
            return null;
        _step = (int)First(1, (ulong)_cuts.Count, count => DiffersAfter((int)count)) - 1;
        GoTo(_step);
        ulong from = _pair.Reference.Machine.Clock.Now;
        ulong end = First(from + 1, _cuts[_step], DiffersAt);
        ulong start = Last(from, end - 1, tick => DiffersFrom(tick, end));
        if (!DiffersFrom(start, end))
        {
            start = from; // the engine makes it only with what it had translated before
            DiffersAt(end);
        }

        IReadOnlyList<StateDifference> differences = MachineComparison.Describe(_pair.Reference.Machine, _pair.Subject.Machine);
        GoTo(_step);
        IReadOnlyList<string> listing = new InstructionListing(_pair.Reference, _symbols).Around(start, end);
        return new EngineDivergence { Equal = start, Different = end, IsReproduced = true, Differences = differences, Listing = listing };
    }

    private bool DiffersAfter(int cuts)
    {
        GoTo(cuts);
        return !_pair.IsEqual;
    }

    private bool DiffersAt(ulong end)
    {
        GoTo(_step);
        _pair.RunReference(end);
        _pair.RunSubject(end);
        return !_pair.IsEqual;
    }

    /// <summary>The engine in question runs only from <paramref name="start"/> to <paramref name="end"/>.</summary>
    private bool DiffersFrom(ulong start, ulong end)
    {
        GoTo(_step);
        _pair.RunReference(end);
        _pair.RunSubjectFaithfully(start);
        _pair.RunSubjectEagerly(end);
        return !_pair.IsEqual;
    }

    /// <summary>Repeats so many steps in both machines.</summary>
    private void GoTo(int cuts)
    {
        _start.Restore(_pair.Reference.Machine);
        _start.Restore(_pair.Subject.Machine);
        foreach (InputEvent input in _inputs)
        {
            _pair.Reference.Machine.Inject(input);
            _pair.Subject.Machine.Inject(input);
        }

        for (int i = 0; i < cuts; i++)
        {
            _pair.RunReference(_cuts[i]);
            _pair.RunSubject(_cuts[i]);
        }
    }

    /// <summary>The least number in a range for which something holds; it holds for the last one.</summary>
    private static ulong First(ulong low, ulong high, Func<ulong, bool> holds)
    {
        while (low < high)
        {
            ulong middle = low + ((high - low) / 2);
            if (holds(middle))
                high = middle;
            else
                low = middle + 1;
        }

        return high;
    }

    /// <summary>The greatest number in a range for which something holds; it holds for the first one.</summary>
    private static ulong Last(ulong low, ulong high, Func<ulong, bool> holds)
    {
        while (low < high)
        {
            ulong middle = high - ((high - low) / 2);
            if (holds(middle))
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }
}
