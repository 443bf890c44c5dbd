using System.Text;
using Emu.Core;
using Emu.Core.Machine;
using Emu.Core.Replay;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Tracing;

/// <summary>Replays a recorded run and writes down what happens in it. Looking on changes nothing: the replay compares itself with the recording as always.</summary>
/// <param name="options">What, and how.</param>
public sealed class RunTrace(TraceOptions options)
{
    private const ulong Slice = 50_000_000;
    private const int BufferSize = 1 << 16;

    private readonly TraceOptions _options = options;
    private KernelTracer? _tracer;

    /// <summary>Replays and writes.</summary>
    /// <param name="output">Where to; left open.</param>
    /// <exception cref="OtherworldException">The run is damaged, or the symbols are not of its kernel.</exception>
    public TraceResult Write(Stream output)
    {
        MachineOutputs outputs = new() { Serial0 = new LineSink(line => _tracer?.Said(line)), DebugConsole = new LineSink(line => _tracer?.Marked(line)) };
        (GuestMachine guest, RunReplayer replayer) = _options.Run.Replay(_options.Disks, outputs, _options.Engine);
        using (guest)
        using (replayer)
        using (StreamWriter text = new(output, new UTF8Encoding(false), BufferSize, leaveOpen: true) { NewLine = "\n" })
        {
            StackSampler? sampler = null;
            if (_options.Format == TraceFormat.Folded)
                guest.Machine.Probe = sampler = new StackSampler(guest, _options.Symbols, _options.Every);
            else
                Observe(guest, _options.Format == TraceFormat.Text ? new TextTrace(text) : new PerfettoTrace(output));
            Replay(guest, replayer);
            _tracer?.Finish(Now(guest));
            sampler?.Write(text);
            guest.Processor.Observer = null;
            return new TraceResult(
                _tracer?.Counts ?? new TraceCounts(),
                sampler?.Samples ?? 0,
                guest.Processor.InstructionCount,
                guest.Machine.Clock.Now,
                replayer.Checked,
                replayer.Divergence,
                guest.Machine.StateHash());
        }
    }

    private void Observe(GuestMachine guest, ITraceWriter writer)
    {
        _tracer = new KernelTracer(guest, _options.Symbols, writer);
        guest.Processor.Observer = _tracer;
        guest.Processor.SetBreakpoints(_tracer.Places);
        _tracer.Start();
    }

    private void Replay(GuestMachine guest, RunReplayer replayer)
    {
        X86Processor processor = guest.Processor;
        RunLimit? end = _options.Limit?.From(guest);
        ulong said = processor.InstructionCount;
        while (!replayer.AtEnd && replayer.Divergence is null && end?.IsReached(guest) != true)
        {
            ulong slice = guest.Machine.Clock.Now + Slice;
            RunResult result = replayer.Run(end?.NextTick(guest, Slice) ?? slice);
            if (result.Reason == StopReason.Breakpoint)
                _tracer?.Reached();
            else if (result.Reason is not (StopReason.Limit or StopReason.None))
                return; // the run ends as it ended when it was recorded
            if (processor.InstructionCount - said < Slice)
                continue;
            said = processor.InstructionCount;
            _options.Progress(said);
        }
    }

    private static Moment Now(GuestMachine guest) => new(guest.Processor.InstructionCount, guest.Machine.Clock.Now);
}
