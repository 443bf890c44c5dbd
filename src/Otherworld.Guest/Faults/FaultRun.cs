using System.Globalization;
using Emu.Core.Machine;
using Emu.Core.Snapshots;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Faults;

/// <summary>One experiment without a workload's checks: a snapshot, a fault, and what becomes of the guest when it is left to itself.</summary>
public sealed class FaultRun : IDisposable
{
    /// <summary>Guest ns between two looks at how many instructions have run.</summary>
    private const ulong Piece = 50_000_000;

    private readonly FaultRunOptions _options;
    private readonly GuestConsole _console;
    private readonly SymbolTable _symbols;
    private readonly Func<KernelTypes>? _types;
    private readonly ulong _start;

    /// <exception cref="Emu.Core.OtherworldException">The snapshot cannot be gone on from, or there are no symbols.</exception>
    public FaultRun(FaultRunOptions options)
    {
        _options = options;
        SnapshotManifest manifest = SnapshotFile.Inspect(options.Snapshot);
        string symbols = options.Symbols ?? KernelSymbols.PathBesideDisk(manifest);
        _symbols = SymbolTable.Load(symbols);
        _types = KernelSymbols.DebugKernelBeside(symbols) is { } debug ? () => KernelTypes.Load(debug) : null;
        _console = new GuestConsole(options.Snapshot, options.Disks, options.Engine);
        _start = _console.Guest.Processor.InstructionCount;
    }

    /// <summary>The guest.</summary>
    public GuestConsole Console => _console;

    /// <summary>Runs it.</summary>
    /// <exception cref="Emu.Core.OtherworldException">The fault has no place in this kernel.</exception>
    public FaultResult Run()
    {
        KernelProfile? profile = Profile();
        if (_options.Record is { } folder)
            _console.Record(folder, _options.Commit, selfContained: false);
        if (!_console.RunToIcount(_start + _options.Fault.Trigger))
            throw new Emu.Core.OtherworldException($"the guest stopped before the trigger, {_options.Fault.Trigger} instructions behind the snapshot.", 1);
        Say($"at the trigger, instruction {Number(Icount)}: {Where()}");
        if (_options.Debugger is { } debugger)
            _console.LetIn(debugger, _options.DebugSymbols ?? _symbols, _options.CheckpointMemory);
        FaultInjector injector = new(_console, _symbols, profile, _types);
        injector.Inject(_options.Fault);
        foreach (FaultChange change in injector.Record.Changes)
            Say($"changed {change.Place}: {change.What}");
        FaultResult result = Watch(injector);
        injector.Finish();
        _console.FinishDebugging();
        _console.FinishRecording();
        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => _console.Dispose();

    private FaultResult Watch(FaultInjector injector)
    {
        int said = _console.Debug.Length;
        RunResult result = RunOn(() => injector.HasDied);
        if (injector.HasDied)
            Say($"the kernel died in {injector.Record.FailedIn}, instruction {Number(Icount)}");
        FaultOutcome outcome = injector switch
        {
            { HasDied: true } => FaultOutcome.NoCrashKernel,
            _ when result.Reason != StopReason.Limit => FaultOutcome.MachineStopped,
            { Record.IsActivated: true } => FaultOutcome.NoFailure,
            _ => FaultOutcome.NotActivated,
        };
        ulong? takeover = null;
        if (injector.HasDied)
        {
            result = RunOn(() => IsOpen(said));
            takeover = _console.Debug.Find(said, "ow: gate-open")?.Icount;
            outcome = takeover is null ? FaultOutcome.NoCrashKernel : FaultOutcome.TookOver;
        }

        IReadOnlyList<GuestMark> marks = GuestMark.ReadAll(_console.Debug.From(said));
        return new FaultResult
        {
            Outcome = outcome,
            Fault = injector.Record with { Message = DeathMessage.Read(_console.Debug.From(said)) },
            Stopped = result.Reason is StopReason.Limit or StopReason.Breakpoint ? null : result.Reason,
            StartIcount = _start,
            TakeoverIcount = takeover,
            LastMark = marks.Count == 0 ? null : marks[^1].Name,
            Processes = [.. marks.Where(mark => mark.Name is "resurrected" or "not-resurrected").Select(ResurrectedProcess.Of)],
            EndIcount = Icount,
            FinalHash = _console.Guest.Machine.StateHash().ToString("x16", CultureInfo.InvariantCulture),
        };
    }

    private ulong Icount => _console.Guest.Processor.InstructionCount;

    private bool IsOpen(int said) => _console.Debug.Find(said, "ow: gate-open") is not null;

    /// <summary>Which functions the kernel will run; the guest stands where it stood afterwards.</summary>
    private KernelProfile? Profile()
    {
        if (_options.ProfileWindow == 0)
            return null;
        GuestMoment start = _console.Mark();
        KernelProfile profile = KernelProfile.Record(_console, _symbols, _options.ProfileWindow);
        _console.Rewind(start);
        return profile.Functions.Count == 0 ? null : profile;
    }

    /// <summary>Runs until something has come, the machine stops, or the limit is reached. An idle guest runs no instructions: its time counts ten times less.</summary>
    private RunResult RunOn(Func<bool> isDone)
    {
        const ulong idleFactor = 10;
        ulong lastIcount = Icount + _options.Limit;
        ulong lastTick = _console.Guest.Machine.Clock.Now + (_options.Limit * idleFactor);
        RunResult result = new(StopReason.Limit);
        while (!isDone() && Icount < lastIcount && _console.Guest.Machine.Clock.Now < lastTick)
        {
            ulong piece = Math.Min(Piece, Math.Min(lastIcount - Icount, lastTick - _console.Guest.Machine.Clock.Now));
            result = _console.Run(_console.Guest.Machine.Clock.Now + piece);
            if (result.Reason != StopReason.Limit)
                break;
        }

        return result;
    }

    private string Where() => _console.Guest.Processor.Cpl == 0 ? _symbols.Describe(_console.Guest.Processor.State.Rip) : "in user mode";

    private static string Number(ulong value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private void Say(string text) => _options.Progress(text);
}
