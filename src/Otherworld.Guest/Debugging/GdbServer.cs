using Emu.Core.Machine;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Debugging;

/// <summary>
/// Runs a guest for a debugger that speaks gdb's remote protocol. The guest stands still until one has connected; when it detaches or is gone, the
/// run goes on without it, until the next one connects.
/// </summary>
public sealed class GdbServer : IDebugServer
{
    private const ulong Slice = 2_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private readonly GdbListener _listener;
    private readonly DebugTarget _target;
    private readonly Action<string> _say;
    private GdbSession? _session;
    private bool _started;
    private (ulong Count, ulong Rip)? _told;

    /// <param name="target">What is debugged.</param>
    /// <param name="listener">Where debuggers connect; disposed with the server.</param>
    /// <param name="say">Gets a line for people when a debugger comes or goes.</param>
    public GdbServer(DebugTarget target, GdbListener listener, Action<string> say)
    {
        _target = target;
        _listener = listener;
        _say = say;
    }

    /// <inheritdoc/>
    public bool IsKilled { get; private set; }

    /// <summary>Where the run ends whatever the guest does, counted from power-on; the debugger may look at that, too.</summary>
    public RunLimit? Limit { get; init; }

    /// <inheritdoc/>
    public Action? BetweenSlices { get; set; }

    /// <inheritdoc/>
    public RunResult Run(ulong limit)
    {
        while (true)
        {
            if (Serve() is { } end)
                return end;
            if (IsKilled)
                return new RunResult(StopReason.None);
            if (IsOwnersNext())
                return new RunResult(StopReason.Breakpoint); // by a step, perhaps
            if (IsStopped)
            {
                if (_target.IsLive && !_target.Timeline.IsPast && _target.Timeline.Tick < limit)
                    return new RunResult(StopReason.Limit);
                continue;
            }

            RunResult result = _target.Run(limit, Slice);
            BetweenSlices?.Invoke();
            bool there = _target.Timeline.Tick >= limit && !_target.Timeline.IsPast;
            bool isLast = Limit?.IsReached(_target.Guest) == true && !_target.Timeline.IsPast;
            if (result.Reason == StopReason.Breakpoint && _target.Points.IsTheirs)
                _session?.Stopped(_target.Points.Hit());
            else if (result.Reason == StopReason.Breakpoint)
                continue; // its owner's: seen above
            else if (result.Reason == StopReason.Idle && _target.IsLive)
                return result;
            else if ((result.Reason != StopReason.Limit || isLast) && _session is { IsClosed: false } session)
                session.StoppedAtEnd(result);
            else if (result.Reason != StopReason.Limit || there)
                return result;
        }
    }

    /// <summary>The run is over as far as whoever runs it goes: tells a debugger that is still there.</summary>
    public void Finish() => _session?.Finished();

    /// <inheritdoc/>
    public void Dispose()
    {
        _session?.Dispose();
        _listener.Dispose();
    }

    /// <summary>
    /// The run stands before an instruction of whoever runs the guest, who has not been told yet: told again of a call that is let pass, it would take it for the next one.
    /// </summary>
    private bool IsOwnersNext()
    {
        (ulong, ulong) here = (_target.Timeline.InstructionCount, _target.Guest.Processor.State.Rip);
        if (!_target.Points.IsAtOwn || _target.Timeline.IsPast || here == _told)
            return false;
        _told = here;
        return true;
    }

    private bool IsStopped => !_started || _session is { IsStopped: true };

    /// <summary>Takes what the debugger has to say; waits a moment when there is nothing else to do.</summary>
    /// <returns>How the run has ended, when the debugger leaves it at its end or is gone from there.</returns>
    private RunResult? Serve()
    {
        if (_session is null)
        {
            if (_listener.Accept(_started ? TimeSpan.Zero : Patience) is not { } connection)
                return null;
            _say("a debugger has connected; the guest stands still");
            _session = new GdbSession(connection, _target);
            _started = true;
        }

        _session.Serve(Patience);
        IsKilled = _session.IsKilled;
        RunResult? end = _session.HasLeft && !IsKilled ? _session.Ended : null;
        string goesOn = end is null ? "; the run goes on" : "";
        if (IsKilled)
            Close("the debugger ended the run");
        else if (_session.IsDetached)
            Close("the debugger has detached" + goesOn);
        else if (_session.IsClosed)
            Close("the debugger is gone" + goesOn);
        else if (end is not null)
            Close("");
        return end;
    }

    private void Close(string why)
    {
        _session?.Dispose();
        _session = null;
        _target.Points.Clear();
        _target.Points.Disarm();
        if (why.Length != 0)
            _say(why);
    }
}
