using System.Globalization;
using Emu.Core;
using Emu.Core.Host;
using Emu.Core.Machine;
using Emu.Core.Replay;
using Emu.Core.Snapshots;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Debugging;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Runs;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Exploring;

/// <summary>
/// A recorded run that one can look at anywhere: it is replayed once from beginning to end, what happens is noted, and checkpoints are kept from which any instruction is near.
/// One thread at a time may use it.
/// </summary>
public sealed class RunExplorer : IDisposable
{
    private const ulong Slice = 10_000_000;
    private const int Lines = 4;

    private readonly SnapshotManifest _manifest;
    private readonly RunReplayer _replayer;
    private readonly Timeline _timeline;
    private readonly EventLog _log;
    private readonly MomentReader _reader;
    private readonly ConsoleTrack[] _consoles;
    private readonly List<Revival> _revivals = [];

    /// <param name="run">The run.</param>
    /// <param name="disks">Where disk images are now; if empty, in the run's folder or where they were.</param>
    /// <param name="symbols">System.map or unstripped vmlinux; null for the one beside the disk image, or none.</param>
    /// <param name="memory">Most bytes of checkpoints.</param>
    /// <param name="engine">What runs it; null for the fastest there is.</param>
    /// <exception cref="OtherworldException">The run is damaged, or a disk image or the symbols are missing.</exception>
    public RunExplorer(RunFolder run, IReadOnlyList<DiskChoice> disks, string? symbols, long memory, EngineKind? engine)
    {
        _manifest = SnapshotFile.Inspect(run.StartPath);
        string? path = symbols ?? KernelSymbols.TryPathBesideDisk(_manifest);
        SymbolTable? table = path is null ? null : SymbolTable.Load(path);
        string? debug = path is null ? null : KernelSymbols.DebugKernelBeside(path);
        EventLog? log = null;
        _consoles = [.. Enumerable.Range(0, Lines).Select(_ => new ConsoleTrack(() => log!.Icount))];
        SwitchedSink[] sinks = [.. _consoles.Select(console => new SwitchedSink(console)), new SwitchedSink(new Tracing.LineSink(line => log!.Marked(line)))];
        MachineOutputs outputs = new() { Serial0 = sinks[0], Serial1 = sinks[1], Serial2 = sinks[2], Serial3 = sinks[3], DebugConsole = sinks[4] };
        (Guest, _replayer) = run.Replay(disks, outputs, engine);
        Guest.Machine.Journal = _log = log = new EventLog(Guest.Machine, Guest.Processor);
        _timeline = new Timeline(Guest, _replayer, sinks, memory);
        _reader = new MomentReader(Guest, table, debug is null ? null : KernelTypes.Load(debug));
        Symbols = table;
        Known = First;
    }

    /// <summary>The guest; it stands where the last one who looked put it.</summary>
    public GuestMachine Guest { get; }

    /// <summary>Its kernel's; null where they are not known.</summary>
    public SymbolTable? Symbols { get; }

    /// <summary>Where the run begins, in instructions since power-on.</summary>
    public ulong First => _timeline.First;

    /// <summary>Up to here the run is known, in instructions since power-on.</summary>
    public ulong Known { get; private set; }

    /// <summary>All of it is known.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>The first difference from what was recorded; null while there is none. Behind it nothing is known.</summary>
    public Divergence? Divergence => _replayer.Divergence;

    /// <summary>What is on the timeline so far.</summary>
    public IReadOnlyList<RunEvent> Events => _log.Events;

    /// <summary>The deaths so far.</summary>
    public IReadOnlyList<Revival> Revivals => _revivals;

    /// <summary>What ttyS0 to ttyS3 said so far.</summary>
    public IReadOnlyList<ConsoleTrack> Consoles => _consoles;

    /// <summary>Gets to know the next piece of the run.</summary>
    /// <returns>False when all of it is known.</returns>
    /// <exception cref="OtherworldException">The journal is damaged.</exception>
    public bool Learn()
    {
        if (IsWhole)
            return false;
        if (_timeline.InstructionCount != Known)
            _timeline.GoTo(Known);
        RunResult result = _timeline.Run(_timeline.Tick + Slice);
        if (result.Reason == StopReason.Text)
            Look();
        else
            IsWhole = result.Reason != StopReason.Limit || _replayer.AtEnd || Divergence is not null;
        Known = _timeline.InstructionCount;
        return !IsWhole;
    }

    /// <summary>The machine at an instruction, or as near as the run has one.</summary>
    public MomentView At(ulong icount)
    {
        _timeline.GoTo(Math.Clamp(icount, First, Known));
        return _reader.Read();
    }

    /// <summary>The instruction that wrote last, before a point of the run, to something of the kernel.</summary>
    /// <param name="icount">The point.</param>
    /// <param name="address">Its linear address.</param>
    /// <param name="length">Bytes.</param>
    /// <returns>Null when nothing has, or it is not mapped there.</returns>
    public WriterFound? LastWriter(ulong icount, ulong address, int length)
    {
        _timeline.GoTo(icount);
        DebugTarget target = new(Guest, _timeline, Symbols, isLive: false, mayChange: false);
        return target.Watch(address, length, Emu.X86.Paging.WatchKinds.Write) is { } watch ? _timeline.LastWriter(watch, () => false) : null;
    }

    /// <summary>A word of the kernel, 4 bytes, at a point of the run.</summary>
    /// <exception cref="OtherworldException">It is not mapped there.</exception>
    public int ReadWord(ulong icount, ulong address)
    {
        _timeline.GoTo(icount);
        return new KernelMemory(Guest.Machine.Memory, Guest.Processor).TryRead(address, out int word) ? word : throw new OtherworldException($"0x{address:x} is not mapped there.", 1);
    }

    /// <summary>The machine at an instruction as a machine of its own, which goes on from there as it likes.</summary>
    /// <param name="icount">Where; or as near as the run has one.</param>
    /// <param name="outputs">Where it talks to.</param>
    public GuestMachine Fork(ulong icount, MachineOutputs outputs)
    {
        _timeline.GoTo(Math.Clamp(icount, First, Known));
        var here = MemorySnapshot.Take(Guest.Machine);
        SnapshotManifest manifest = _manifest with { StateHash = here.Hash().ToString("x32", CultureInfo.InvariantCulture) };
        return GuestMachine.FromSnapshot(manifest, here, Guest.Settings.Disks, outputs, engine: Guest.Processor.Engine);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _replayer.Dispose();
        Guest.Dispose();
    }

    /// <summary>It stands at the last event: a death, or the gate.</summary>
    private void Look()
    {
        RunEvent last = Events[^1];
        IReadOnlyList<ProcessImage> processes = _reader.Inspector() is { } kernel ? ProcessImage.All(kernel, _reader.Memory) : [];
        if (last.Kind == RunEventKind.Death)
            _revivals.Add(new Revival(last, processes));
        else if (_revivals.Count > 0)
            _revivals[^1].Revived(last, processes);
    }
}
