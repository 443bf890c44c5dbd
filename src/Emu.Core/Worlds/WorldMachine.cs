using System.Collections.Immutable;
using Emu.Core.Machine;

namespace Emu.Core.Worlds;

/// <summary>A machine of a world, and the wires that lead to it.</summary>
public sealed class WorldMachine
{
    private readonly ImmutableArray<(Wire Wire, InputSource Card)> _inbound;

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
        Deliver(limit);
        while (End is null && Machine.Clock.Now < limit)
        {
            RunResult result = Machine.Run(limit);
            if (result.Reason == StopReason.Limit)
                break;
            Happened ??= result;
            if (IsEnd(result.Reason))
                End = result;
        }

        if (End is not null)
            Machine.WithdrawInputs();
    }

    /// <summary>Gives the machine the frames that arrive up to a tick, that tick included, whichever wire they come from; the earlier wire first at equal ticks.</summary>
    private void Deliver(ulong limit)
    {
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
            if (End is null)
                Machine.Inject(new InputEvent(transit.Arrival, _inbound[next].Card, transit.Frame));
        }
    }

    private static bool IsEnd(StopReason reason) => reason is not (StopReason.Text or StopReason.Breakpoint or StopReason.Watchdog);
}
