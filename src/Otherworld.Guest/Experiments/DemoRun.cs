using System.Globalization;
using Emu.Core;
using Emu.Core.Host;
using Emu.Core.Machine;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Elf;
using Otherworld.Guest.Images;
using Otherworld.Guest.Lockstep;
using Otherworld.Guest.Observing;
using Otherworld.Guest.Symbols;
using Otherworld.Guest.Tracing;

namespace Otherworld.Guest.Experiments;

/// <summary>
/// The main job: boots the guest, gives it work worth losing, kills its kernel once or several times, watches each crash kernel bring the processes
/// back, and checks from outside that nothing was lost.
/// </summary>
public sealed class DemoRun : IDisposable
{
    private const string CommandLine =
        "console=ttyS0 quiet tsc=reliable no_timer_check panic=-1 reboot=t otherworld virtio_mmio.device=512@0xfeb00000:5 virtio_mmio.device=512@0xfeb00200:9";

    /// <summary>Three times what our kernels are idle at a stretch, since they look for hung tasks (CONFIG_DEFAULT_HUNG_TASK_TIMEOUT), guest ns.</summary>
    private const ulong LongestStay = 15_000_000_000;

    private const string SecondDiskParameter = " virtio_mmio.device=512@0xfeb00600:11";

    private const string DeathSymbol = "ow_crash_run";
    private const ulong BootLimit = 400_000_000;
    private const ulong DeathLimit = 3_000_000_000;
    private const ulong RevivalLimit = DeathLimit; // the crash path may hang where the kernel did, and the watchdog ends that too

    /// <summary>Snapshots are kept of so many deaths, the last ones: each takes seconds, and the same seed comes to any of them again.</summary>
    private const int MostKept = 10;

    private readonly DemoOptions _options;
    private readonly SymbolTable _symbols;
    private readonly GuestConsole _console;
    private readonly IDemoStory _story;
    private readonly List<Phase> _phases = [];
    private readonly List<CrashRecord> _panics = [];
    private readonly List<MemoryReading> _memory = [];
    private PcapngWriter? _capture;
    private Awakening? _awakening;
    private IReadOnlyList<ResurrectedProcess> _processes = [];
    private DeadReads? _reads;
    private string? _before;
    private string? _at;

    /// <exception cref="OtherworldException">The image lacks a file, or <see cref="DemoOptions.Out"/> cannot be written.</exception>
    public DemoRun(DemoOptions options)
    {
        _options = options;
        GuestImage image = options.Image;
        _symbols = SymbolTable.Load(image.Path(ImageRoles.SystemMap));
        MachineSettings settings = new()
        {
            MemorySize = options.MemorySize,
            Seed = options.Seed,
            Engine = options.Engine,
            WatchdogStayTime = LongestStay,
            Disk = DiskChoice.Parse(image.Path(ImageRoles.Disk)),
            SecondDisk = options.SecondDisk,
        };
        string commandLine = DemoApps.ParametersOf(options.App, options.Procedure) is { Length: > 0 } more ? $"{CommandLine} {more}" : CommandLine;
        if (options.SecondDisk is not null)
            commandLine += SecondDiskParameter;
        _console = options.Observer is null ? Alone(settings, commandLine) : Observed(settings, commandLine, options.Observer);
        _story = DemoApps.StoryOf(options.App, _console, options.Procedure);
        if (options.Out is { } folder)
            OutputFolder.Make(folder, "--out");
        if (options.Record is { } run)
            _console.Record(run, options.Commit, options.SelfContained);
    }

    private GuestConsole Alone(MachineSettings settings, string commandLine) => new(
        settings,
        new KernelRequest
        {
            Kernel = FileBytes.Load(_options.Image.Path(ImageRoles.Vmlinux), "kernel"),
            Modules = [FileBytes.Load(_options.Image.Path(ImageRoles.Initramfs), "initrd")],
            CommandLine = commandLine,
        },
        _options.Lockstep);

    private GuestConsole Observed(MachineSettings settings, string commandLine, ObserverSettings observer)
    {
        if (observer.Capture is { } path)
            _capture = new PcapngWriter(new FileStream(path, FileMode.Create, FileAccess.Write), [observer.Link], settings.RtcEpoch);
        return new GuestConsole(observer.Plan(settings, commandLine, _options.Image), _capture);
    }

    /// <summary>The machine and what it said.</summary>
    public GuestConsole Console => _console;

    /// <summary>What the kernel that died last left on its disks; null before a death.</summary>
    public DiskContents? DisksAtDeath { get; private set; }

    /// <summary>Runs everything.</summary>
    public DemoResult Run()
    {
        string? problem;
        ulong? steps = null;
        try
        {
            problem = Play();
            if (_console.IsLeft)
                problem = "the debugger ended the run";
            _console.FinishDebugging();
            _console.FinishRecording();
            steps = _console.FinishLockstep();
            if (steps is not null)
                Say(string.Create(CultureInfo.InvariantCulture, $"lockstep: both engines equal in all of {steps:#,0} steps and in all of RAM at the end"));
        }
        catch (EngineDivergenceException difference)
        {
            problem = difference.Message.ReplaceLineEndings("; ");
            Say(difference.Message);
        }

        if (_options.Out is { } logs)
            _console.SaveLogs(logs);
        WaitTimes? waits = Waits();
        return new DemoResult
        {
            Verdict = problem ?? "resurrected",
            Seed = _options.Seed,
            Image = _options.Image.Identity,
            Content = _console.Guest.ImageHash,
            Panics = _panics,
            Memory = _memory,
            Phases = _phases,
            Processes = _processes,
            App = _options.App,
            LostOperations = _story.LostOperations,
            Observation = (_story as ObservedStory)?.Observation,
            Interruption = waits?.Answer,
            Waits = _options.App is null ? null : waits,
            BytesRead = _reads,
            SnapshotBefore = _before,
            SnapshotAt = _at,
            LockstepSteps = steps,
            FinalHash = _console.StateHashText(),
        };
    }

    private string? Play()
    {
        string? problem = Boot() ?? StartPrograms();
        for (int crash = 0; crash < _options.Crashes && problem is null; crash++)
            problem = StartWork(crash) ?? Crash(crash) ?? Revive(crash) ?? Verify(crash) ?? CheckMemory(crash);
        return problem;
    }

    /// <summary>Power-on to two shells and an armed crash kernel.</summary>
    public string? Boot()
    {
        Enter("power-on", _console.Now);
        if (_console.WaitFor(_console.Lines[0], 0, GuestShell.Prompt, BootLimit) is not { } shell)
            return "no shell prompt on ttyS0 after power-on";
        Enter("shell", shell);
        if (_console.WaitFor(_console.Lines[1], 0, GuestShell.Prompt, BootLimit) is null)
            return "no shell prompt on ttyS1 after power-on";
        return _console.WaitFor(_console.Debug, 0, "ow: armed", BootLimit) is not null ? null : "the crash kernel was not armed at boot";
    }

    /// <summary>Starts what lives through all deaths.</summary>
    public string? StartPrograms() => _story.Prepare((name, when) => Enter(name, when));

    /// <summary>Starts the work of one death.</summary>
    public string? StartWork(int crash)
    {
        string? problem = _story.StartWork(crash);
        if (problem is null)
            Enter("load", _console.Now);
        return problem;
    }

    /// <summary>Functions in which the points of so many seeds lie, drawn from where the machine stands; it stands there again afterwards.</summary>
    public IEnumerable<string> DrawSymbols(int seeds)
    {
        GuestMoment start = _console.Mark();
        for (int seed = 1; seed <= seeds; seed++)
        {
            CrashDraw draw = new(_console, (ulong)seed, 0);
            draw.DrawKind();
            draw.GoToPoint();
            yield return SymbolAtRip().Split('+')[0];
            _console.Rewind(start);
        }
    }

    private string? Crash(int crash)
    {
        Say($"crash {crash + 1} of {_options.Crashes}: drawing a point");
        bool isKept = crash + MostKept >= _options.Crashes;
        _before = isKept ? Save($"before-{crash + 1}.snapshot", "before the fault") : null;
        CrashDraw draw = new(_console, _options.Seed, crash);
        PanicKind kind = draw.DrawKind();
        kind = _options.Kind ?? kind;
        draw.GoToPoint();
        GuestMachine guest = _console.Guest;
        _awakening = _options.App is null || _options.Lockstep is not null || _options.Debugger is not null ? null : new Awakening(guest, _symbols);
        Moment fault = Enter("fault", _console.Now);
        string symbol = SymbolAtRip();
        Say($"fault '{PanicKinds.Name(kind)}' at {symbol}");
        if (_options.Debugger is { } debugger && crash == _options.Crashes - 1)
            _console.LetIn(debugger, _options.DebugSymbols ?? _symbols, _options.CheckpointMemory);
        new PanicInjector(guest, _symbols).Apply(kind);

        ulong death = _symbols.AddressOf(DeathSymbol);
        _console.SetBreakpoint(death, enabled: true);
        RunResult result = RunToDeath();
        _console.SetBreakpoint(death, enabled: false);
        _panics.Add(new CrashRecord(PanicKinds.Name(kind), fault.Icount, symbol, guest.Processor.InstructionCount));
        if (result.Reason != StopReason.Breakpoint)
            return $"the kernel did not die of the fault: {result.Reason}";
        Enter("panic", _console.Now);
        DisksAtDeath = DiskContents.Of(guest);
        guest.Processor.Observer = _awakening;
        _at = isKept ? Save($"panic-{crash + 1}.snapshot", $"panic: {PanicKinds.Name(kind)} at {symbol}") : null;
        return null;
    }

    private RunResult RunToDeath()
    {
        ulong last = _console.Guest.Processor.InstructionCount + DeathLimit;
        RunResult result = default;
        while (_console.Guest.Processor.InstructionCount < last)
        {
            result = _console.Run(_console.Guest.Machine.Clock.Now + 100_000_000);
            if (result.Reason != StopReason.Limit)
                return result;
        }

        return result;
    }

    /// <summary>From a death that was seen to the open gate of the next kernel.</summary>
    public string? Revive(int crash)
    {
        int said = _console.Debug.Length;
        Say("the crash kernel takes over");
        foreach ((string mark, string phase) in ((string, string)[])[
            ("ow: jump", "jump"), ("ow: crash-kernel-init", "crash-kernel"), ("ow: writeback files=", "write-back"), ("ow: released", "released"), ("ow: armed", "armed"), ("ow: gate-open", "gate-open")])
        {
            if (_console.WaitFor(_console.Debug, said, mark, RevivalLimit) is not { } seen)
                return $"crash {crash + 1}: the crash kernel did not come to '{mark}'; its last mark is '{LastMark(said)}'";
            Enter(phase, seen);
        }

        IReadOnlyList<GuestMark> marks = GuestMark.ReadAll(_console.Debug.From(said));
        _processes = [.. marks.Where(mark => mark.Name is "resurrected" or "not-resurrected").Select(ResurrectedProcess.Of)];
        if (marks.FirstOrDefault(mark => mark.Name == "settled")?.Values.GetValueOrDefault("read") is { } all)
            _reads = new DeadReads(Own().Sum(process => process.BytesRead ?? 0), long.Parse(all, CultureInfo.InvariantCulture));
        Say($"{_processes.Count(process => process.Outcome == "ok")} processes are back");
        return null;
    }

    /// <summary>From the last death to what came after it.</summary>
    private WaitTimes? Waits()
    {
        if (Last("panic") is not { } death)
            return null;
        Moment? application = Last("gate-open") is { } open ? _awakening?.FirstOf(Own().Select(process => process.Pid), open) : null;
        return new WaitTimes(_awakening?.First?.Since(death), application?.Since(death), _story.Answered?.Since(death));
    }

    /// <summary>Processes of the application.</summary>
    private IEnumerable<ResurrectedProcess> Own() => _options.App is { } app ? _processes.Where(process => process.Comm == DemoApps.CommOf(app)) : [];

    private Moment? Last(string name) => _phases.FindLast(phase => phase.Name == name) is { } phase ? new Moment(phase.Icount, phase.VtimeNs) : null;

    /// <summary>Looks at what came back.</summary>
    public string? Verify(int crash)
    {
        string? problem = _story.Verify(crash, crash == _options.Crashes - 1, _processes, out _processes);
        _console.Guest.Processor.Observer = null;
        Enter("checked", _console.Now);
        return problem is null ? null : $"crash {crash + 1}: {problem}";
    }

    /// <summary>Of several kernels in a row each has as much memory as the first of them that was a crash kernel.</summary>
    private string? CheckMemory(int crash)
    {
        if (_options.Crashes == 1)
            return null;
        if (MemoryReading.Take(new GuestShell(_console, 0), out MemoryReading? reading) is { } silence)
            return silence;
        _memory.Add(reading!);
        Say(string.Create(CultureInfo.InvariantCulture, $"memory: {reading!.Total:#,0} KiB, {reading.Free:#,0} KiB of it free, {reading.Anonymous:#,0} KiB in processes"));
        return reading.Compare(_memory[0], DemoApps.Grows(_options.App)) is { } problem ? $"crash {crash + 1}: {problem}" : null;
    }

    private string LastMark(int said)
    {
        IReadOnlyList<GuestMark> marks = GuestMark.ReadAll(_console.Debug.From(said));
        return marks.Count == 0 ? "none" : marks[^1].Name;
    }

    private string SymbolAtRip() => _symbols.Describe(_console.Guest.Processor.State.Rip);

    private Moment Enter(string name, Moment when)
    {
        _phases.Add(new Phase(name, when.Icount, when.VtimeNs));
        Say(string.Create(CultureInfo.InvariantCulture, $"{name}: {when.Icount:#,0} instructions, {when.VtimeNs / 1e6:#,0.0} ms"));
        return when;
    }

    private string? Save(string name, string reason)
    {
        if (_options.Out is not { } folder)
            return null;
        return _console.Save(Path.Combine(folder, name), _options.Commit, reason);
    }

    private void Say(string text) => _options.Progress(text);

    /// <inheritdoc/>
    public void Dispose()
    {
        _console.Dispose();
        _capture?.Dispose();
    }
}
