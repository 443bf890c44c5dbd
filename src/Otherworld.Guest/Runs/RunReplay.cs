using System.Globalization;
using Emu.Core;
using Emu.Core.Devices;
using Emu.Core.Host;
using Emu.Core.Machine;
using Emu.Core.Replay;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Debugging;

namespace Otherworld.Guest.Runs;

/// <summary>A recorded run being replayed: to its end or to a point in it.</summary>
public sealed class RunReplay : IDisposable
{
    private const ulong Slice = 50_000_000;

    private readonly TextWatch _console;
    private readonly TextWatch _debug;
    private readonly SwitchedSink[] _sinks;
    private readonly RunReplayer _replayer;
    private Timeline? _timeline;

    /// <param name="run">The run.</param>
    /// <param name="disks">Where disk images are now; if empty, in the run's folder or where they were.</param>
    /// <param name="console">Where a line of it goes.</param>
    /// <param name="engine">What runs it; null for the fastest there is.</param>
    /// <param name="line">Which.</param>
    /// <exception cref="OtherworldException">The run is damaged, or a disk image is missing or another one.</exception>
    public RunReplay(RunFolder run, IReadOnlyList<DiskChoice> disks, IByteSink console, EngineKind? engine = null, InputSource line = InputSource.Serial0)
    {
        _console = new TextWatch(console);
        _debug = new TextWatch(NullSink.Instance);
        _sinks = [new SwitchedSink(_console), new SwitchedSink(_debug)];
        (Guest, _replayer) = run.Replay(disks, new MachineOutputs { DebugConsole = _sinks[1] }.With(line, _sinks[0]), engine);
    }

    /// <summary>The guest.</summary>
    public GuestMachine Guest { get; }

    /// <summary>Is told the instruction count from time to time.</summary>
    public Action<ulong>? Progress { get; set; }

    /// <summary>Hashes compared so far.</summary>
    public int Checked => _replayer.Checked;

    /// <summary>Inputs given so far.</summary>
    public int Inputs => _replayer.Inputs;

    /// <summary>The recording was ended on purpose, not by the death of the program that recorded.</summary>
    public bool Complete => _replayer.Complete;

    /// <summary>The first difference from what was recorded; null while there is none.</summary>
    public Divergence? Divergence { get; private set; }

    /// <summary>The end of the recording is reached.</summary>
    public bool AtEnd => _replayer.AtEnd;

    /// <summary>From here on one can go back to here.</summary>
    /// <param name="memory">Most bytes of checkpoints.</param>
    public Timeline KeepCheckpoints(long memory) => _timeline = new Timeline(Guest, _replayer, _sinks, memory);

    /// <summary>Lets a debugger have the rest, until it ends the run, or the end is reached without it.</summary>
    public void Debug(IDebugServer server)
    {
        Watch(null);
        server.Run(ulong.MaxValue);
        Divergence = _replayer.Divergence;
    }

    /// <summary>Replays to a point, or to the end.</summary>
    /// <param name="target">The point; null for the end.</param>
    /// <returns>The point was reached. Without it, the end was reached, or the first difference.</returns>
    /// <exception cref="OtherworldException">The journal is damaged.</exception>
    public bool To(ReplayTarget? target, CancellationToken cancellation = default)
    {
        Watch(target);
        while (!cancellation.IsCancellationRequested)
        {
            ulong slice = Guest.Machine.Clock.Now + Slice;
            ulong limit = target?.Limit?.NextTick(Guest, Slice) ?? slice;
            RunResult result = _timeline?.Run(limit) ?? _replayer.Run(limit);
            Progress?.Invoke(Guest.Processor.InstructionCount);
            Divergence = _replayer.Divergence;
            if (Divergence is not null)
                return false;
            if (result.Reason == StopReason.Text)
                return true;
            if (result.Reason == StopReason.Limit && target?.Limit?.IsReached(Guest) == true)
                return true;
            if (_replayer.AtEnd)
                return target is null;
            if (result.Reason is not (StopReason.Limit or StopReason.Breakpoint))
                return EndedOtherwise(result.Reason);
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _replayer.Dispose();
        Guest.Dispose();
    }

    private void Watch(ReplayTarget? target)
    {
        StopLatch stop = Guest.Machine.Stop;
        _console.WaitFor(target is { IsPanic: true } ? ReplayTarget.PanicText : "", stop);
        _debug.WaitFor(target is null or { Limit: not null } ? "" : target.DebugText, stop);
    }

    private bool EndedOtherwise(StopReason reason)
    {
        Divergence = new Divergence(
            Guest.Machine.Clock.Now, Guest.Processor.InstructionCount, Guest.Machine.Clock.Now, "the run", "goes on", string.Create(CultureInfo.InvariantCulture, $"ends with {reason}"));
        return false;
    }
}
