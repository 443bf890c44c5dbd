using Emu.Core.Machine;
using Emu.Core.Snapshots;

namespace Otherworld.Guest.Debugging;

/// <content>Going back: a checkpoint is restored and the run repeated up to the place that is wanted.</content>
public sealed partial class Timeline
{
    /// <summary>On the way to a place checkpoints are left so many instructions before it: whoever goes back one instruction goes back more.</summary>
    private static readonly ulong[] Breadcrumbs = [1 << 24, 1 << 19, 1 << 14];

    /// <summary>Most handlers entered between two instructions that are told apart.</summary>
    private const int MostDeliveries = 16;

    private bool _isSearching;

    /// <summary>The first instruction count that can be gone back to.</summary>
    public ulong First => _checkpoints.All[0].InstructionCount;

    /// <summary>Bytes and number of the checkpoints, for people.</summary>
    public (long Bytes, int Count) Checkpoints => (_checkpoints.Bytes, _checkpoints.All.Count);

    /// <summary>Goes to where exactly so many instructions have retired since power-on, backwards or forwards.</summary>
    /// <returns><see cref="StopReason.Limit"/> when it stands there; otherwise what happened before.</returns>
    public RunResult GoTo(ulong instructionCount)
    {
        int nearest = CanGoBack ? _checkpoints.IndexAtOrBefore(instructionCount) : -1;
        if (nearest >= 0 && (instructionCount <= InstructionCount || _checkpoints.All[nearest].InstructionCount > InstructionCount))
            Restore(_checkpoints.All[nearest]);
        foreach (ulong before in Breadcrumbs)
        {
            if (!CanGoBack || instructionCount < InstructionCount + (2 * before))
                continue;
            RunResult result = RunTo(instructionCount - before);
            if (result.Reason != StopReason.Limit)
                return result;
            TakeCheckpoint();
        }

        return RunTo(instructionCount);
    }

    /// <summary>Undoes one step: an instruction, or the delivery of an exception or interrupt.</summary>
    public Stop StepBack()
    {
        if (!CanGoBack || InstructionCount <= First)
            return new Stop(StopKind.Begin);
        (ulong tick, ulong rip) = (_machine.Clock.Now, _processor.State.Rip);
        GoTo(InstructionCount - 1);
        StepUntil(() => _machine.Clock.Now > tick || (_machine.Clock.Now == tick && _processor.State.Rip == rip));
        return new Stop(StopKind.Step);
    }

    /// <summary>Goes back to the last place where it would have stopped.</summary>
    /// <param name="points">Where.</param>
    /// <param name="interrupted">Asked from time to time: give up, and stay here.</param>
    public Stop ContinueBack(StopPoints points, Func<bool> interrupted)
    {
        if (!CanGoBack)
            return new Stop(StopKind.Begin);
        Checkpoint here = Here();
        Checkpoint end = here;
        for (int index = _checkpoints.IndexAtOrBefore(here.InstructionCount); index >= 0; index--)
        {
            Checkpoint start = _checkpoints.All[index];
            if (start.Tick >= end.Tick && start.InstructionCount == end.InstructionCount)
                continue;
            (int hits, Stop stop, ulong behind) = Search(start, end.Tick, points, int.MaxValue, interrupted);
            if (hits < 0)
            {
                Restore(here);
                return new Stop(StopKind.Interrupt);
            }

            if (hits > 0 && stop.Kind == StopKind.Watchpoint)
            {
                GoTo(Math.Max(behind - 1, First));
                points.Arm();
                StepUntil(() => _processor.Mmu.IsWatchHit);
                points.Disarm();
                return stop;
            }

            if (hits > 0)
            {
                Search(start, end.Tick, points, hits, interrupted);
                return stop;
            }

            end = start;
        }

        Restore(_checkpoints.All[0]);
        return new Stop(StopKind.Begin);
    }

    /// <summary>Runs from a checkpoint to a tick and counts the stops on the way.</summary>
    /// <param name="most">Stay at the stop with this number.</param>
    /// <returns>How many (negative when interrupted), the last one, and the instructions retired when it was noticed.</returns>
    private (int Hits, Stop Last, ulong Behind) Search(Checkpoint start, ulong end, StopPoints points, int most, Func<bool> interrupted)
    {
        Restore(start);
        points.Arm();
        _isSearching = true;
        (int Hits, Stop Last, ulong Behind) found = default;
        while (found.Hits >= 0 && found.Hits < most)
        {
            RunResult result = Run(Math.Min(end, _machine.Clock.Now + Interval));
            if (result.Reason == StopReason.Breakpoint)
                found = (found.Hits + 1, points.Hit(), InstructionCount);
            else if (result.Reason != StopReason.Limit || _machine.Clock.Now >= end)
                break;
            _processor.Mmu.ForgetWatchHit();
            if (most == int.MaxValue && interrupted())
                found.Hits = -1;
        }

        _isSearching = false;
        points.Disarm();
        return found;
    }

    /// <summary>Steps until something has come about, and undoes the last step.</summary>
    private void StepUntil(Func<bool> isReached)
    {
        Checkpoint before = Here();
        for (int i = 0; i < MostDeliveries; i++)
        {
            _processor.PassBreakpoint(true);
            Step();
            if (isReached())
                break;
            before = Here();
        }

        Restore(before);
    }

    private Checkpoint Here() => new(MemorySnapshot.Take(_machine), _tape.Position);

    private void Restore(Checkpoint checkpoint)
    {
        if (_tape.AtEnd)
            _withdrawn = [.. _withdrawn, .. _machine.WithdrawInputs()];
        checkpoint.Snapshot.Restore(_machine);
        _tape.Rewind(checkpoint.Inputs);
    }
}
