using System.Globalization;
using System.Text;
using Emu.Core.Machine;

namespace Otherworld.Guest.Debugging;

/// <summary>One debugger's conversation. Its packets are in <c>GdbSession.*.cs</c> by topic; what is not known is answered with the empty packet, as the protocol wants.</summary>
internal sealed partial class GdbSession : IDisposable
{
    private const string Ok = "OK";
    private const string NotUnderstood = "";
    private const string Malformed = "E16";
    private const string NoMemory = "E0e";
    private const string Forbidden = "E01";
    private const string Exited = "W00";

    private readonly GdbConnection _connection;
    private readonly DebugTarget _target;
    private readonly Monitor _monitor;
    private string _lastStop = "T05thread:01;";
    private bool _knowsBreakpointKinds;
    private bool _hasSeenEnd;

    public GdbSession(GdbConnection connection, DebugTarget target)
    {
        _connection = connection;
        _target = target;
        _monitor = new Monitor(target);
    }

    /// <summary>The guest stands still.</summary>
    public bool IsStopped { get; private set; } = true;

    /// <summary>The debugger lets the run go on without it.</summary>
    public bool IsDetached { get; private set; }

    /// <summary>The debugger wants the run to end.</summary>
    public bool IsKilled { get; private set; }

    /// <summary>The debugger is gone without a word.</summary>
    public bool IsClosed => _connection.IsClosed;

    /// <summary>How the run has ended, unless the debugger has gone back from there.</summary>
    public RunResult? Ended { get; private set; }

    /// <summary>The debugger lets go of the run: it has seen what it wanted of the end, has detached, or is gone.</summary>
    public bool HasLeft => _hasSeenEnd || IsDetached || IsClosed;

    /// <summary>Takes what the debugger has sent.</summary>
    /// <param name="wait">How long to wait for something while the guest stands still.</param>
    public void Serve(TimeSpan wait)
    {
        while (!IsDetached && !IsKilled)
        {
            PacketKind kind = _connection.Receive(IsStopped ? wait : TimeSpan.Zero);
            if (kind == PacketKind.None)
                return;
            if (kind == PacketKind.Packet)
                Answer(_connection.Packet);
            else if (!IsStopped)
                Stopped(new Stop(StopKind.Interrupt));
            if (_target.Points.IsAtOwn)
                return; // whoever runs the guest is asked before the next command leads away from here
        }
    }

    /// <summary>The guest has come to a stop: tells the debugger.</summary>
    public void Stopped(Stop stop)
    {
        IsStopped = true;
        string reason = stop.Kind switch
        {
            StopKind.Breakpoint when _knowsBreakpointKinds => "swbreak:;",
            StopKind.HardwareBreakpoint when _knowsBreakpointKinds => "hwbreak:;",
            StopKind.Watchpoint when stop.Watchpoint is { } watch => string.Create(CultureInfo.InvariantCulture, $"{WatchName(watch)}:{watch.Linear:x};"),
            StopKind.Begin => "replaylog:begin;",
            StopKind.End => "replaylog:end;",
            _ => "",
        };
        _lastStop = (stop.Kind == StopKind.Interrupt ? "T02" : "T05") + reason + "thread:01;";
        _connection.Send(_lastStop);
    }

    /// <summary>The run has ended; the debugger may look at that, and go back from there.</summary>
    /// <param name="result">How.</param>
    public void StoppedAtEnd(RunResult result)
    {
        Ended = result;
        Print(result.Reason == StopReason.None ? "otherworld: the recording ends here\n" : $"otherworld: the run ends here: {result.Reason}\n");
        Stopped(new Stop(StopKind.End));
    }

    /// <summary>The run will not go on: the debugged program has exited, for the debugger.</summary>
    public void Finished() => _connection.Send(Exited);

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private void Answer(string packet)
    {
        if (packet.Length == 0 || Resume(packet))
            return;
        if (packet[0] == 'D')
            IsDetached = true;
        string answer = packet[0] switch
        {
            '?' => _lastStop,
            'g' => ReadRegisters(),
            'G' => WriteRegisters(packet[1..]),
            'p' => ReadRegister(packet[1..]),
            'P' => WriteRegister(packet[1..]),
            'm' => ReadMemory(packet[1..]),
            'M' or 'X' => WriteMemory(packet),
            'Z' or 'z' => SetStopPoint(packet),
            'q' or 'Q' => Query(packet),
            'D' or 'H' or 'T' => Ok,
            _ => NotUnderstood,
        };
        _connection.Send(answer);
    }

    private void Print(string text)
    {
        const int most = 2000;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        for (int done = 0; done < bytes.Length; done += most)
            _connection.Send("O" + Convert.ToHexStringLower(bytes.AsSpan(done, Math.Min(most, bytes.Length - done))));
    }

    private static string WatchName(Watchpoint watch) => watch.Kinds switch
    {
        Emu.X86.Paging.WatchKinds.Write => "watch",
        Emu.X86.Paging.WatchKinds.Read => "rwatch",
        _ => "awatch",
    };
}
