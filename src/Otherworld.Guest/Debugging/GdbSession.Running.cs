using Emu.Core.Machine;
using Emu.X86.Paging;

namespace Otherworld.Guest.Debugging;

/// <content>Going on, forwards and backwards, and where to stop.</content>
internal sealed partial class GdbSession
{
    /// <summary>Packets that are answered only when the guest stands still again.</summary>
    /// <returns>False for another packet.</returns>
    private bool Resume(string packet)
    {
        switch (packet)
        {
            case "k":
                IsKilled = true;
                return true;
            case "bs":
                GoBack(_target.Timeline.StepBack);
                return true;
            case "bc":
                GoBack(() => _target.Timeline.ContinueBack(_target.Points, Interrupted));
                return true;
            case "vCont?":
                _connection.Send("vCont;c;C;s;S;r");
                return true;
        }

        if (packet.StartsWith("vKill", StringComparison.Ordinal))
        {
            IsKilled = true;
            _connection.Send(Ok);
            return true;
        }

        string action = packet.StartsWith("vCont;", StringComparison.Ordinal) ? packet["vCont;".Length..].Split(';', ':')[0] : packet;
        switch (action)
        {
            case ['c' or 'C', ..]:
                Continue();
                return true;
            case ['s' or 'S', ..]:
                Step();
                return true;
            case ['r', .. var range] when packet[0] == 'v':
                StepInRange(range);
                return true;
            default:
                return false;
        }
    }

    private void Continue()
    {
        if (Ended is not null && _target.IsLive)
        {
            _hasSeenEnd = true;
            _connection.Send(Exited);
            IsStopped = false;
        }
        else if (Ended is not null)
        {
            Stopped(new Stop(StopKind.End));
        }
        else
        {
            _target.Guest.Processor.PassBreakpoint(true);
            IsStopped = false;
        }
    }

    private void Step() => Say(Ended is null ? _target.Step() : Ended.Value);

    /// <summary><c>vCont;rSTART,END</c>: steps as long as RIP is in a range, so that a line of source costs one packet.</summary>
    private void StepInRange(string text)
    {
        string[] ends = text.Split(',');
        if (ends.Length != 2 || !Hex.TryNumber(ends[0], out ulong start) || !Hex.TryNumber(ends[1], out ulong end))
        {
            _connection.Send(Malformed);
            return;
        }

        RunResult result = Ended ?? _target.Step();
        while (result.Reason == StopReason.Limit && Ended is null && _target.Guest.Processor.State.Rip - start < end - start && !Interrupted())
            result = _target.Step();
        Say(result);
    }

    /// <summary>Tells how a step went.</summary>
    private void Say(RunResult result)
    {
        if (Ended is not null)
            Stopped(new Stop(StopKind.End));
        else if (result.Reason is StopReason.Limit or StopReason.Idle)
            Stopped(new Stop(StopKind.Step));
        else if (result.Reason == StopReason.Breakpoint)
            Stopped(_target.Points.Hit());
        else
            StoppedAtEnd(result);
    }

    private void GoBack(Func<Stop> go)
    {
        _target.Points.Disarm();
        Stop stop = go();
        if (stop.Kind != StopKind.Begin)
            Ended = null;
        Stopped(stop);
    }

    private bool Interrupted() => _connection.Receive(TimeSpan.Zero) == PacketKind.Interrupt || IsClosed;

    /// <summary><c>Z</c> and <c>z</c>: TYPE,ADDRESS,KIND.</summary>
    private string SetStopPoint(string packet)
    {
        if (packet.Length < 3 || packet[2] != ',' || !Hex.TryRange(packet.AsSpan(3).TrimEnd(';'), out ulong linear, out int length))
            return Malformed;
        bool present = packet[0] == 'Z';
        switch (packet[1])
        {
            case '0' or '1':
                _target.Points.SetBreakpoint(linear, hardware: packet[1] == '1', present);
                return Ok;
            case '2' or '3' or '4':
                WatchKinds kinds = packet[1] switch { '2' => WatchKinds.Write, '3' => WatchKinds.Read, _ => WatchKinds.Read | WatchKinds.Write };
                return present ? AddWatchpoint(linear, length, kinds) : _target.Points.Remove(linear, length, kinds) ? Ok : NoMemory;
            default:
                return NotUnderstood;
        }
    }

    private string AddWatchpoint(ulong linear, int length, WatchKinds kinds)
    {
        if (_target.Watch(linear, length, kinds) is not { } watchpoint)
            return NoMemory;
        _target.Points.Add(watchpoint);
        return Ok;
    }
}
