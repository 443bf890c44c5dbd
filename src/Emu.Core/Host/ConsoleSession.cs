using Emu.Core.Machine;

namespace Emu.Core.Host;

/// <summary>
/// Runs a machine in slices on the caller's thread; between them it injects what arrived on a host stream into a serial line or the virtio console,
/// flushes outputs and keeps the pace.
/// </summary>
public sealed class ConsoleSession
{
    private const ulong SliceTicks = 5_000_000;
    private const double TicksPerHostTick = 1_000_000_000.0 / TimeSpan.TicksPerSecond;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(20);

    private readonly PcMachine _machine;
    private readonly Func<ulong, RunResult> _run;
    private readonly Pace _pace;
    private readonly StreamSource? _input;
    private readonly InputSource _line;
    private readonly IReadOnlyList<StreamSink> _outputs;
    private readonly TimeProvider _time;
    private readonly EscapeFilter _escape = new();
    private readonly byte[] _bytes = new byte[256];
    private long _anchorTime;
    private ulong _anchorTick;

    /// <param name="machine">What runs.</param>
    /// <param name="pace">How guest time relates to the host's.</param>
    /// <param name="input">What is typed, or null.</param>
    /// <param name="outputs">What is flushed between slices.</param>
    /// <param name="time">The host's clock; null for the real one.</param>
    /// <param name="run">Runs the machine to a tick; null for what the machine itself does.</param>
    /// <param name="line">Where it is typed.</param>
    public ConsoleSession(
        PcMachine machine, Pace pace, StreamSource? input, IReadOnlyList<StreamSink> outputs, TimeProvider? time = null, Func<ulong, RunResult>? run = null,
        InputSource line = InputSource.Serial0)
    {
        _machine = machine;
        _run = run ?? machine.Run;
        _pace = pace;
        _input = input;
        _line = line;
        _outputs = outputs;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>The person typed Ctrl-A x.</summary>
    public bool Quit => _escape.Quit;

    /// <summary>
    /// Runs until the tick <paramref name="limit"/>, until something happened, or until the person leaves (<see cref="Quit"/>; the reason is then
    /// <see cref="StopReason.None"/>). An idle machine waits for input as long as there can be any.
    /// </summary>
    public RunResult Run(ulong limit, CancellationToken cancellation = default)
    {
        Anchor();
        while (true)
        {
            TakeInput();
            if (Quit || cancellation.IsCancellationRequested)
                return new RunResult(StopReason.None);
            ulong now = _machine.Clock.Now;
            RunResult result = _run(Math.Min(limit, now + SliceTicks));
            foreach (StreamSink output in _outputs)
                output.Flush();

            bool idle = result.Reason == StopReason.Idle && _input is { Ended: false };
            if (!idle && (result.Reason != StopReason.Limit || _machine.Clock.Now >= limit))
                return result;
            if (idle)
            {
                _input!.Wait(LongestWait);
                Anchor();
            }
            else if (_pace == Pace.Realtime)
            {
                KeepPace();
            }
        }
    }

    private void TakeInput()
    {
        if (_input is null)
            return;
        int room = Math.Min(_bytes.Length, _machine.LineRoom(_line));
        int taken = _input.Take(_bytes.AsSpan(0, room));
        int kept = _escape.Filter(_bytes.AsSpan(0, taken));
        if (kept > 0)
            _machine.Inject(_line, _bytes.AsSpan(0, kept).ToArray());
    }

    private void Anchor()
    {
        _anchorTime = _time.GetTimestamp();
        _anchorTick = _machine.Clock.Now;
    }

    private void KeepPace()
    {
        ulong guest = _machine.Clock.Now - _anchorTick;
        double host = _time.GetElapsedTime(_anchorTime).Ticks * TicksPerHostTick;
        if (guest <= host)
        {
            Anchor(); // a busy guest that fell behind does not race through its next idle time
            return;
        }

        TimeSpan ahead = TimeSpan.FromTicks((long)((guest - host) / TicksPerHostTick));
        TimeSpan wait = ahead < LongestWait ? ahead : LongestWait;
        if (_input is { Ended: false })
            _input.Wait(wait);
        else
            Task.Delay(wait, _time).Wait();
    }
}
