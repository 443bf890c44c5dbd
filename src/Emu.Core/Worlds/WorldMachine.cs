using System.Collections.Immutable;
using Emu.Core.Machine;

namespace Emu.Core.Worlds;

/// <summary>A machine of a world, and the wires that lead to it.</summary>
public sealed class WorldMachine
{
    private readonly ImmutableArray<(Wire Wire, InputSource Card)> _inbound;
    private readonly List<(Wire Wire, Transit Transit)> _given = [];

    internal WorldMachine(string name, PcMachine machine, ImmutableArray<(Wire Wire, InputSource Card)> inbound)
    {
        Name = name;
        Machine = machine;
        _inbound = inbound;
    }

    /// <summary>Unique within its world.</summary>
    public string Name { get; }

    /// <summary>The machine.</summary>
    public PcMachine Machine { get; }

    /// <summary>How it ended, at the tick at which its clock stands; null while it runs.</summary>
    public RunResult? End { get; internal set; }

    /// <summary>What happened in it first since somebody asked, for example that it ended or that a text was written that was waited for.</summary>
    public RunResult? Happened { get; private set; }

    /// <summary>Is told of a text that was waited for while the machine stands right behind it, in the middle of its turn; then nothing has happened. Null: as of anything else.</summary>
    public Action? TextWritten { get; set; }

    /// <summary>When the next frame under way reaches it; <see cref="Time.EventQueue.Never"/> when none is under way.</summary>
    internal ulong NextArrival => _inbound.IsEmpty ? Time.EventQueue.Never : _inbound.Min(inbound => inbound.Wire.NextArrival);

    /// <summary>Asks what happened.</summary>
    public RunResult? TakeHappened()
    {
        RunResult? happened = Happened;
        Happened = null;
        return happened;
    }

    /// <summary>Runs to a tick, with what arrives on the way. A machine that has ended hears nothing.</summary>
    internal void Run(ulong limit)
    {
        while (RunToBreakpoint(limit))
        {
            // Only that of the first machine is of any use to others.
        }
    }

    /// <summary>The same, but no further than to a breakpoint.</summary>
    /// <returns>It stands at one.</returns>
    internal bool RunToBreakpoint(ulong limit)
    {
        Deliver(limit);
        while (End is null && Machine.Clock.Now < limit)
        {
            RunResult result = Machine.Run(limit);
            if (result.Reason == StopReason.Limit)
                break;
            if (result.Reason == StopReason.Text && TextWritten is { } written)
            {
                written();
                continue;
            }

            Happened ??= result;
            if (result.Reason == StopReason.Breakpoint)
            {
                PutBack();
                return true;
            }

            if (IsEnd(result.Reason))
                End = result;
        }

        if (End is not null)
            Machine.WithdrawInputs();
        return false;
    }

    /// <summary>Gives the machine the frames that arrive up to a tick, that tick included, whichever wire they come from; the earlier wire first at equal ticks.</summary>
    private void Deliver(ulong limit)
    {
        _given.Clear();
        while (true)
        {
            int next = -1;
            ulong first = limit;
            for (int i = _inbound.Length - 1; i >= 0; i--)
            {
                if (_inbound[i].Wire.NextArrival <= first)
                    (next, first) = (i, _inbound[i].Wire.NextArrival);
            }

            if (next < 0)
                return;
            Transit transit = _inbound[next].Wire.Take();
            if (End is not null)
                continue;
            Machine.Inject(new InputEvent(transit.Arrival, _inbound[next].Card, transit.Frame));
            _given.Add((_inbound[next].Wire, transit));
        }
    }

    /// <summary>Puts the frames that the machine has been given and has not come to back on their wires, where a snapshot of the world has them.</summary>
    private void PutBack()
    {
        InputEvent[] waiting = Machine.WithdrawInputs();
        int frames = 0;
        foreach (InputEvent input in waiting)
        {
            if (input.Source is >= InputSource.Network0 and <= InputSource.Network3)
                frames++;
            else
                Machine.Inject(input);
        }

        for (; frames > 0; frames--)
        {
            (Wire wire, Transit transit) = _given[^1];
            _given.RemoveAt(_given.Count - 1);
            wire.PutBack(transit);
        }
    }

    private static bool IsEnd(StopReason reason) => reason is not (StopReason.Text or StopReason.Breakpoint or StopReason.Watchdog);
}
