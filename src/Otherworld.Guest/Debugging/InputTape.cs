using Emu.Core.Machine;
using Emu.Core.Replay;
using Emu.Core.Time;

namespace Otherworld.Guest.Debugging;

/// <summary>
/// Remembers the inputs of a run so that parts of it can be run again. While it plays, the machine gets them from here, and nobody else is told of
/// them a second time.
/// </summary>
internal sealed class InputTape : IInputJournal, IRunSource
{
    private readonly PcMachine _machine;
    private readonly IInputJournal? _next;
    private readonly List<(InputEvent Input, bool Settled)> _entries = [];
    private int _given;

    public InputTape(PcMachine machine)
    {
        _machine = machine;
        _next = machine.Journal;
        machine.Journal = this;
    }

    /// <summary>Inputs the machine has had up to where it stands.</summary>
    public int Position { get; private set; }

    /// <summary>The machine has had every input there is on the tape.</summary>
    public bool AtEnd => Position == _entries.Count;

    /// <inheritdoc/>
    public ulong NextTick => _given < _entries.Count ? _entries[_given].Input.Tick : EventQueue.Never;

    /// <inheritdoc/>
    public void Record(in InputEvent input, bool settled)
    {
        if (AtEnd)
        {
            _entries.Add((input, settled));
            _given++;
            _next?.Record(input, settled);
        }

        Position++;
    }

    /// <summary>The machine was put back to where it had had so many inputs.</summary>
    public void Rewind(int position) => Position = _given = position;

    /// <summary>What comes later will come otherwise: forgets it.</summary>
    public void Cut()
    {
        _entries.RemoveRange(Position, _entries.Count - Position);
        _given = Position;
    }

    /// <summary>Runs to a tick, or to the last input on the tape.</summary>
    public RunResult Run(ulong limit)
    {
        while (_given < _entries.Count)
        {
            (InputEvent input, bool settled) = _entries[_given];
            if (settled)
            {
                // It came when the events of its tick had fired: the machine must be there first.
                if (input.Tick > limit)
                    return _machine.Run(limit);
                RunResult result = _machine.Run(input.Tick);
                if (result.Reason != StopReason.Limit)
                    return result;
            }

            _machine.Inject(input);
            _given++;
        }

        // The rest waits in the machine; the last of it is applied at the start of a run that ends at its tick.
        return _machine.Run(Math.Min(limit, Math.Max(_entries[^1].Input.Tick, _machine.Clock.Now)));
    }
}
