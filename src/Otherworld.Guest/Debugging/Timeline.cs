using Emu.Core.Host;
using Emu.Core.Machine;
using Emu.Core.Replay;
using Emu.Core.Snapshots;
using Emu.X86;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Debugging;

/// <summary>
/// A run that one can go back in: it takes checkpoints as it goes and remembers the inputs, and goes back by restoring a checkpoint and running
/// again. The guest never notices. What is printed while a part is run again is not printed twice.
/// </summary>
public sealed partial class Timeline
{
    /// <summary>Instructions between two checkpoints as long as memory for them suffices.</summary>
    private const ulong Interval = 1 << 25;

    private readonly PcMachine _machine;
    private readonly X86Processor _processor;
    private readonly IRunSource _source;
    private readonly IReadOnlyList<ISwitch> _outputs;
    private readonly InputTape _tape;
    private readonly CheckpointStore _checkpoints;
    private InputEvent[] _withdrawn = [];
    private ulong _frontier;

    /// <param name="guest">Stands where the run begins.</param>
    /// <param name="source">Runs it where it has not been before.</param>
    /// <param name="outputs">What is switched off while a part is run again.</param>
    /// <param name="memory">Most bytes of checkpoints; 0 for a run that only goes forwards.</param>
    public Timeline(GuestMachine guest, IRunSource source, IReadOnlyList<ISwitch> outputs, long memory)
    {
        _machine = guest.Machine;
        _processor = guest.Processor;
        _source = source;
        _outputs = outputs;
        _tape = new InputTape(_machine);
        _checkpoints = new CheckpointStore(memory);
        CanGoBack = memory > 0;
        _frontier = _machine.Clock.Now;
        if (CanGoBack)
            TakeCheckpoint();
    }

    /// <summary>It keeps checkpoints.</summary>
    public bool CanGoBack { get; }

    /// <summary>It stands where it has been before: what comes is known, and no input can be given.</summary>
    public bool IsPast => _machine.Clock.Now < _frontier || !_tape.AtEnd;

    /// <summary>The last tick that it has been at: before it, what comes is known.</summary>
    public ulong Frontier => _frontier;

    /// <summary>Instructions retired since power-on.</summary>
    public ulong InstructionCount => _processor.InstructionCount;

    /// <summary>Where it stands, in ticks.</summary>
    public ulong Tick => _machine.Clock.Now;

    /// <summary>Runs to a tick, or until something happens.</summary>
    public RunResult Run(ulong limit)
    {
        while (true)
        {
            ulong now = _machine.Clock.Now;
            ulong stop = Math.Min(limit, NextCheckpoint());
            if (now < _frontier)
                stop = Math.Min(stop, _frontier);
            RunResult result = RunPiece(stop);
            if (result.Reason != StopReason.Limit || _machine.Clock.Now >= limit)
                return result;
        }
    }

    /// <summary>Runs until one instruction more has retired or a handler of exceptions or interrupts has been entered, or until something happens.</summary>
    public RunResult Step()
    {
        _processor.StopAtHandlers = true;
        RunResult result = RunTo(InstructionCount + 1);
        _processor.StopAtHandlers = false;
        return result.Reason == StopReason.Breakpoint && _processor.HasArrived && !_processor.Mmu.IsWatchHit ? new RunResult(StopReason.Limit) : result;
    }

    /// <summary>The debugger changes the machine, by inputs: what was known of later does not hold any more, and what was before cannot be run again.</summary>
    public void Change(InputSource source, ReadOnlyMemory<byte> bytes)
    {
        if (!_tape.AtEnd)
            _machine.WithdrawInputs(); // of a future that will not be
        _tape.Cut();
        _machine.InjectNow(source, bytes);
        _frontier = _machine.Clock.Now;
        _checkpoints.Clear();
        if (CanGoBack)
            TakeCheckpoint();
    }

    /// <summary>Runs forwards until so many instructions have retired since power-on.</summary>
    private RunResult RunTo(ulong instructionCount)
    {
        var result = new RunResult(StopReason.Limit);
        while (InstructionCount < instructionCount && result.Reason == StopReason.Limit)
            result = Run(TickFor(instructionCount - InstructionCount));
        return result;
    }

    /// <summary>A tick by which at most so many instructions can have retired: while the processor is idle, none does before something is due.</summary>
    private ulong TickFor(ulong instructions)
    {
        ulong tick = _machine.Clock.Now + instructions;
        if (!_machine.IsIdle)
            return tick;
        ulong input = _tape.AtEnd ? _source.NextTick : Math.Min(_tape.NextTick, _source.NextTick);
        return Math.Max(tick, Math.Min(_machine.NextTick, input));
    }

    private RunResult RunPiece(ulong limit)
    {
        bool again = _machine.Clock.Now < _frontier;
        foreach (ISwitch output in _outputs)
            output.IsOn = !again;
        RunResult result = _tape.AtEnd ? RunBehindTape(limit, again) : _tape.Run(limit);
        foreach (ISwitch output in _outputs)
            output.IsOn = true;
        _frontier = Math.Max(_frontier, _machine.Clock.Now);
        return result;
    }

    /// <summary>Behind the last input that is known. The source is where the run has come to at most: it is asked from there on.</summary>
    private RunResult RunBehindTape(ulong limit, bool again)
    {
        foreach (InputEvent input in _withdrawn)
            _machine.Inject(input);
        _withdrawn = [];
        return again ? _machine.Run(limit) : _source.Run(limit);
    }

    /// <summary>Takes a checkpoint when one is due.</summary>
    /// <returns>The tick at which to ask again.</returns>
    private ulong NextCheckpoint()
    {
        if (!CanGoBack || _isSearching)
            return ulong.MaxValue;
        ulong done = InstructionCount - _checkpoints.All[_checkpoints.IndexAtOrBefore(InstructionCount)].InstructionCount;
        if (done < Interval)
            return _machine.Clock.Now + (Interval - done);
        TakeCheckpoint();
        return _machine.Clock.Now + Interval;
    }

    private void TakeCheckpoint() => _checkpoints.Add(new Checkpoint(MemorySnapshot.Take(_machine), _tape.Position));
}
