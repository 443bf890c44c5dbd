using System.Globalization;
using System.Text;
using Emu.Core;
using Emu.Core.Devices;
using Emu.Core.Host;
using Emu.Core.Machine;
using Emu.Core.Replay;
using Emu.Core.Snapshots;
using Emu.Core.Worlds;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Debugging;
using Otherworld.Guest.Lockstep;
using Otherworld.Guest.Runs;
using Otherworld.Guest.Symbols;
using Otherworld.Guest.Worlds;

namespace Otherworld.Guest.Consoles;

/// <summary>
/// A guest with its four serial lines and debug console recorded, and a hand that types. Everything happens in guest time. Who watches the engines
/// too has a second guest run beside it, in lockstep.
/// </summary>
public sealed class GuestConsole : IRunSource, IFaultHost, IDisposable
{
    /// <summary>Guest ns between two looks at what was said: part of how a run goes, so never a matter of the host.</summary>
    private const ulong Step = 1_000_000;

    /// <summary>Guest ns after which nobody waits any more, however little the guest does meanwhile.</summary>
    private const ulong LongestWait = 30_000_000_000;

    /// <summary>Guest ns between two typed characters: a fast human, slower than any line discipline.</summary>
    private const ulong KeyInterval = 2_000_000;

    private readonly Transcript[] _lines;
    private readonly GuestMachine? _twin;
    private readonly LockstepRun? _lockstep;
    private readonly List<ISwitch> _switches = [];
    private RunRecorder? _recorder;
    private GdbServer? _debugger;
    private StopPoints? _points;

    /// <param name="settings">The machine.</param>
    /// <param name="kernel">What it boots.</param>
    /// <param name="lockstep">How it is run by both engines and compared; null for one run by the engine of the settings.</param>
    public GuestConsole(MachineSettings settings, KernelRequest kernel, LockstepOptions? lockstep = null)
    {
        _lines = [new(Stop), new(Stop), new(Stop), new(Stop)];
        Debug = new Transcript(Stop);
        if (lockstep is null)
        {
            Guest = Boot(settings, kernel, Outputs(_lines.Select(Switched), Switched(Debug)));
            return;
        }

        Guest = Boot(settings with { Engine = EngineKind.Interpreter }, kernel, Outputs(_lines.Select(Switched), Switched(Debug)));
        _twin = Boot(settings with { Engine = EngineSupport.Best }, kernel, Outputs(_lines.Select(_ => Switched(new Transcript(StopTwin))), Switched(new Transcript(StopTwin))));
        _lockstep = new LockstepRun(Guest, _twin, lockstep with { Narrowing = () => _switches.ForEach(part => part.IsOn = false) });
    }

    /// <param name="snapshot">The snapshot to go on from.</param>
    /// <param name="disks">Where its disk images are now; if empty, where they were.</param>
    /// <param name="engine">What runs it; null for the fastest there is.</param>
    /// <inheritdoc cref="GuestMachine.FromSnapshot(string, IEnumerable{DiskChoice}, MachineOutputs, EngineKind?)"/>
    public GuestConsole(string snapshot, IEnumerable<DiskChoice> disks, EngineKind? engine)
    {
        _lines = [new(Stop), new(Stop), new(Stop), new(Stop)];
        Debug = new Transcript(Stop);
        Guest = GuestMachine.FromSnapshot(snapshot, disks, Outputs(_lines.Select(Switched), Switched(Debug)), engine);
    }

    /// <summary>A guest that somebody in another machine observes: both run together.</summary>
    /// <param name="plan">The guest, and its observer.</param>
    /// <param name="frames">Is shown every frame between them, or null.</param>
    public GuestConsole(WorldPlan plan, IFrameObserver? frames = null)
    {
        _lines = [new(Stop), new(Stop), new(Stop), new(Stop)];
        Debug = new Transcript(Stop);
        World = new ObservedWorld(plan, Outputs(_lines.Select(Switched), Switched(Debug)), StampAll, frames: frames);
        _switches.Add(World.ServersEnd);
        Guest = World.Server;
    }

    /// <summary>The machine.</summary>
    public GuestMachine Guest { get; }

    /// <summary>The world it is part of; null for a machine alone.</summary>
    public ObservedWorld? World { get; }

    /// <summary>Port E9H: the marks of the guest protocol.</summary>
    public Transcript Debug { get; }

    /// <summary>What ttyS0 to ttyS3 said.</summary>
    public IReadOnlyList<Transcript> Lines => _lines;

    /// <summary>Everything that is said: <see cref="Lines"/>, <see cref="Debug"/>, and in a world the observer's lines.</summary>
    public IEnumerable<Transcript> Transcripts => [.. _lines, Debug, .. World?.Lines ?? []];

    /// <summary>Where the run stands.</summary>
    public Moment Now => new(Guest.Processor.InstructionCount, Guest.Machine.Clock.Now);

    /// <summary>Now, to come back to.</summary>
    public GuestMoment Mark() => new(MemorySnapshot.Take(Guest.Machine), [.. _lines.Append(Debug).Select(transcript => transcript.Length)], _recorder?.Mark(), World?.Mark());

    /// <summary>Makes the guest, and what it said, what they were.</summary>
    public void Rewind(GuestMoment moment)
    {
        if (_lockstep is null)
            moment.Snapshot.Restore(Guest.Machine);
        else
            _lockstep.Restore(moment.Snapshot);
        foreach ((Transcript transcript, int length) in _lines.Append(Debug).Zip(moment.Said))
            transcript.TruncateTo(length);
        if (moment.Recorded is { } recorded)
            _recorder!.Rewind(recorded);
        if (moment.Beside is { } beside)
            World!.Rewind(beside);
    }

    /// <summary>Makes this guest, and its world, what another one was.</summary>
    /// <param name="moment">Of a machine with the same description, and of a world like this one.</param>
    /// <param name="said">Everything its <see cref="Transcripts"/> had said; it counts as said just now.</param>
    public void Adopt(GuestMoment moment, IReadOnlyList<byte[]> said)
    {
        Check.That(_lockstep is null && _recorder is null, "only a guest that nobody else watches can become another");
        moment.Snapshot.Restore(Guest.Machine);
        if (moment.Beside is { } beside)
            World!.Restore(beside);
        Moment now = World?.Now ?? Now;
        foreach ((Transcript transcript, byte[] bytes) in Transcripts.Zip(said))
            transcript.Replace(bytes, now);
    }

    /// <summary>Records the run from here on, into a folder of its own (docs/run-format.md).</summary>
    /// <inheritdoc cref="RunFolder.Record"/>
    public void Record(string path, string commit, bool selfContained)
    {
        Check.That(_lockstep is null, "a run in lockstep has two machines");
        if (World is not null)
            World.Record(path, commit, selfContained);
        else
            _recorder = RunFolder.Record(path, Guest, commit, selfContained);
    }

    /// <summary>Ends a recording, if there is one.</summary>
    public void FinishRecording()
    {
        _recorder?.Finish();
        World?.FinishRecording();
    }

    /// <summary>Saves the guest, and the world it is part of, into a folder of that world's name.</summary>
    /// <param name="path">The snapshot file; in a world, its name without the extension is that of the folder.</param>
    /// <param name="commit">Of this program.</param>
    /// <param name="reason">Why, for a person.</param>
    /// <returns>The snapshot file of the guest.</returns>
    public string Save(string path, string commit, string reason)
    {
        if (World is null)
        {
            Guest.Save(path, commit, reason);
            return path;
        }

        string folder = WorldFolder(path);
        WorldManifest manifest = World.Save(folder, commit, reason);
        return Path.Combine(folder, manifest.Machines[0].Snapshot);
    }

    /// <summary>Writes what was said into files: <c>ttyS0.log</c> to <c>ttyS2.log</c>, <c>debugcon.log</c>, and of a second machine <c>observer.log</c>.</summary>
    /// <param name="folder">It must be there.</param>
    /// <exception cref="OtherworldException">It cannot be written to.</exception>
    public void SaveLogs(string folder)
    {
        for (int line = 0; line < 3; line++)
            Write($"ttyS{line}", _lines[line]);
        Write("debugcon", Debug);
        if (World is not null)
            Write("observer", World.Lines[2]);

        void Write(string name, Transcript said) => AtomicFile.Write(Path.Combine(folder, $"{name}.log"), stream => stream.Write(said.ToArray()));
    }

    /// <summary>Reads what <see cref="Save"/> wrote of a guest like this one.</summary>
    /// <param name="path">As it was given there.</param>
    /// <param name="said">Lengths of <see cref="Transcripts"/> then.</param>
    /// <exception cref="OtherworldException">It is missing, damaged or foreign.</exception>
    public GuestMoment Read(string path, IReadOnlyList<int> said)
    {
        int own = _lines.Length + 1;
        if (World is null)
            return new GuestMoment(Guest.Read(path), [.. said.Take(own)], null);
        (MemorySnapshot server, ObservedMoment beside) = World.Read(WorldFolder(path), said.Skip(own));
        return new GuestMoment(server, [.. said.Take(own)], null, beside);
    }

    /// <summary>Hash of everything that runs: the machine, or its whole world.</summary>
    public ulong StateHash() => World?.StateHash() ?? Guest.Machine.StateHash();

    /// <summary>The same, 16 hexadecimal digits.</summary>
    public string StateHashText() => StateHash().ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Forgets everything the processors have made of code: nothing of it may be seen in what comes.</summary>
    public void DropCaches()
    {
        Guest.Processor.DropCaches();
        World?.Observer.Processor.DropCaches();
    }

    /// <summary>The debugger ended the run.</summary>
    public bool IsLeft => _debugger is { IsKilled: true };

    /// <inheritdoc/>
    ulong IRunSource.NextTick => World?.NextFrame ?? Emu.Core.Time.EventQueue.Never;

    /// <summary>
    /// Lets a debugger have the run from here on: it stands still until one has connected. What it does costs no guest time. In a world it goes back as well, by
    /// what came to the guest from its observer; but it changes nothing, since the observer would have to go back too.
    /// </summary>
    /// <param name="open">Makes the server.</param>
    /// <param name="symbols">The kernel's.</param>
    /// <param name="memory">Most bytes of checkpoints; a run that is recorded only goes forwards.</param>
    public void LetIn(Func<DebugTarget, GdbServer> open, SymbolTable symbols, long memory)
    {
        Check.That(_lockstep is null, "a debugger looks at one machine");
        Timeline timeline = new(Guest, this, _switches, _recorder is null ? memory : 0);
        DebugTarget target = new(Guest, timeline, symbols, isLive: false, mayChange: World is null) { IsRecorded = _recorder is not null };
        _points = target.Points;
        _debugger = open(target);
    }

    /// <summary>Stops runs before the instruction at a linear address, or does not any more.</summary>
    public void SetBreakpoint(ulong address, bool enabled)
    {
        if (_points is not null)
            _points.SetOwn(address, enabled);
        else
            Guest.Processor.SetBreakpoint(address, enabled);
        _twin?.Processor.SetBreakpoint(address, enabled);
    }

    /// <inheritdoc/>
    public IStopHandler? StopHandler { get; set; }

    /// <summary>
    /// Runs to a tick. The machine stops behind every instruction that says something, only to note when that was; a run may be cut anywhere, so
    /// nothing of it can be seen by the guest.
    /// </summary>
    /// <returns>Why the run ended.</returns>
    /// <exception cref="EngineDivergenceException">The engines differ.</exception>
    public RunResult Run(ulong limit)
    {
        RunResult result;
        do
            result = _debugger?.Run(limit) ?? RunForwards(limit);
        while (result.Reason == StopReason.Breakpoint && StopHandler is { } handler && handler.Handle());
        return result;
    }

    /// <inheritdoc/>
    RunResult IRunSource.Run(ulong limit) => RunForwards(limit);

    private RunResult RunForwards(ulong limit)
    {
        while (true)
        {
            RunResult result = World?.Run(limit) ?? _lockstep?.Run(limit) ?? Guest.Machine.Run(limit);
            if (_lockstep?.Divergence is { } divergence)
                throw new EngineDivergenceException(divergence);
            if (result.Reason != StopReason.Text)
                return result;
            StampAll();
        }
    }

    private void StampAll()
    {
        foreach (Transcript transcript in _lines.Append(Debug))
            transcript.Stamp(Now);
    }

    /// <summary>Lets guest time pass.</summary>
    /// <returns>False when the machine stopped by itself before.</returns>
    public bool Pass(ulong nanoseconds) => Run(Guest.Machine.Clock.Now + nanoseconds).Reason == StopReason.Limit;

    /// <summary>Runs until a transcript shows a text behind a position.</summary>
    /// <param name="where">Which transcript.</param>
    /// <param name="from">Position from which the text counts.</param>
    /// <param name="text">The text.</param>
    /// <param name="within">Most instructions.</param>
    /// <returns>When it was complete, exactly; the run stands up to 1 ms behind. Null when it did not come in time, or the machine stopped.</returns>
    public Moment? WaitFor(Transcript where, int from, string text, ulong within)
    {
        ulong last = Guest.Processor.InstructionCount + within;
        ulong end = Guest.Machine.Clock.Now + LongestWait;
        while (true)
        {
            if (where.Find(from, text) is { } seen)
                return seen;
            if (Guest.Processor.InstructionCount >= last || Guest.Machine.Clock.Now >= end || !Pass(Step))
                return null;
        }
    }

    /// <summary>Types on a serial line, one character at a time.</summary>
    public bool Type(int line, string text)
    {
        foreach (byte key in Encoding.ASCII.GetBytes(text))
        {
            Guest.Machine.Inject((InputSource)((int)InputSource.Serial0 + line), new[] { key });
            if (!Pass(KeyInterval))
                return false;
        }

        return true;
    }

    /// <summary>Runs to an exact instruction count; idle ticks do not count.</summary>
    /// <returns>False when the machine stopped before.</returns>
    public bool RunToIcount(ulong icount)
    {
        while (Guest.Processor.InstructionCount < icount)
        {
            ulong left = icount - Guest.Processor.InstructionCount;
            if (Run(Guest.Machine.Clock.Now + left).Reason != StopReason.Limit)
                return false;
        }

        Check.That(Guest.Processor.InstructionCount == icount);
        return true;
    }

    /// <summary>The last comparison of a run in lockstep, of all of RAM.</summary>
    /// <returns>How often the machines were compared; null when there is one only.</returns>
    /// <exception cref="EngineDivergenceException">The engines differ.</exception>
    public ulong? FinishLockstep() => _lockstep?.Finish() is { } divergence ? throw new EngineDivergenceException(divergence) : _lockstep?.Steps;

    /// <summary>Tells a debugger, if one is there, that the run is over.</summary>
    public void FinishDebugging() => _debugger?.Finish();

    /// <inheritdoc/>
    public void Dispose()
    {
        _debugger?.Dispose();
        _recorder?.Dispose();
        if (World is null)
            Guest.Dispose();
        else
            World.Dispose();
        _twin?.Dispose();
    }

    private static string WorldFolder(string path) => Path.ChangeExtension(path, ".world");

    private SwitchedSink Switched(Transcript transcript)
    {
        SwitchedSink part = new(transcript);
        _switches.Add(part);
        return part;
    }

    private static MachineOutputs Outputs(IEnumerable<IByteSink> lines, IByteSink debug)
    {
        IByteSink[] serial = [.. lines];
        return new MachineOutputs { Serial0 = serial[0], Serial1 = serial[1], Serial2 = serial[2], Serial3 = serial[3], DebugConsole = debug };
    }

    private static GuestMachine Boot(MachineSettings settings, KernelRequest kernel, MachineOutputs outputs)
    {
        GuestMachine guest = GuestMachine.Create(settings, outputs);
        guest.Load(kernel);
        return guest;
    }

    private void Stop() => Guest.Machine.Stop.Request(StopReason.Text);

    private void StopTwin() => _twin!.Machine.Stop.Request(StopReason.Text);
}
