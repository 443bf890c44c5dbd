using System.Globalization;
using Emu.Core;
using Emu.Core.Host;
using Emu.Core.Machine;
using Emu.Core.Replay;
using Emu.Core.Snapshots;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Debugging;
using Otherworld.Guest.Runs;

namespace Otherworld.Cli;

/// <summary>One run of <c>boot</c>: machine, terminal, the end and what is said about it.</summary>
internal sealed class BootRun(BootOptions options)
{
    private const string Diverged = "diverged";

    private readonly BootOptions _options = options;

    public int Run()
    {
        if (_options.Verbose)
            SayVerbosely();

        // The console is data; with --json the data is the report, and the console is talk.
        using Stream stream = _options.Json ? Console.OpenStandardError() : Console.OpenStandardOutput();
        using StreamSink terminal = new(stream);
        TextWatch watch = new(terminal);
        SwitchedSink console = new(watch);
        using GuestMachine guest = _options.CreateGuest(console, _options.Lockstep is not null ? EngineKind.Interpreter : _options.Settings.Engine);
        using BootLockstep? lockstep = _options.Lockstep is not null ? new BootLockstep(_options, guest, console, _options.CreateGuest, _options.Symbols()) : null;
        if (_options.Until is not null)
            watch.WaitFor(_options.Until, guest.Machine.Stop);

        using IDebugServer? debugger = _options.Debug is { } choice ? LetIn(choice, guest, console) : null;
        Func<ulong, RunResult>? run = lockstep is not null ? lockstep.Run : debugger is not null ? debugger.Run : null;
        (RunResult result, bool quit) = Run(guest, new LiveConsole(guest, _options.Pace, _options.Limit, terminal, run, _options.Tty));
        quit |= debugger is { IsKilled: true };
        terminal.Flush();
        (string outcome, int status) = lockstep?.Finish() == false ? (Diverged, ExitCode.NotMet) : RunVerdict.Judge(result, quit, missed: _options.Until is not null && watch.Seen == 0);
        status = Save(guest, outcome, status);
        Report(guest, outcome, status, result);
        return status;
    }

    private void SayVerbosely()
    {
        Console.Error.Write(MachineSettingsReader.ToToml(_options.Settings));
        if (_options.Settings.Engine is null && EngineSupport.WhyNoTranslator is { } reason)
            Talk.Line($"the interpreter runs the guest: {reason}");
    }

    /// <summary>What is being recorded cannot be gone back in: the journal is written already.</summary>
    private IDebugServer LetIn(DebugChoice choice, GuestMachine guest, SwitchedSink console)
    {
        if (_options.Lockstep is not null)
            throw new OtherworldException($"--{(choice.Protocol == DebugProtocol.Gdb ? "gdb" : "qmp")} and --lockstep exclude each other. Find the difference first: its report names the instruction.");
        bool recorded = _options.Record is not null;
        Timeline timeline = new(guest, new LiveSource(guest.Machine), [console], recorded ? 0 : choice.Memory);
        return choice.Open(new DebugTarget(guest, timeline, choice.Symbols ?? _options.Symbols(), isLive: true, mayChange: true) { IsRecorded = recorded }, _options.Limit?.From(guest));
    }

    private (RunResult Result, bool Quit) Run(GuestMachine guest, LiveConsole console)
    {
        if (_options.Record is not { } path)
            return console.Run();
        using RunRecorder recorder = RunFolder.Record(path, guest, BuildInfo.Commit, _options.SelfContained);
        (RunResult Result, bool Quit) end = console.Run();
        recorder.Finish();
        return end;
    }

    private int Save(GuestMachine guest, string outcome, int status)
    {
        if (_options.Save is not { } path)
            return status;
        string wanted = _options.Until is null ? "limit" : "text-seen";
        if (outcome == Diverged || (_options.SaveIsPurpose && outcome != wanted))
        {
            Talk.Line($"'{path}' is not saved: the run ended otherwise than asked for");
            return status == ExitCode.Success ? ExitCode.NotMet : status;
        }

        SnapshotManifest manifest = guest.Save(path, BuildInfo.Commit, _options.Until is null ? outcome : $"{outcome}: {_options.Until}");
        Talk.Line($"saved '{path}': state {manifest.StateHash}");
        return _options.SaveIsPurpose ? ExitCode.Success : status;
    }

    private void Report(GuestMachine guest, string outcome, int status, RunResult result)
    {
        PcMachine machine = guest.Machine;
        if (result.Reason is StopReason.TripleFault or StopReason.FaultLoop)
            Console.Error.Write(RegisterDump.Of(guest.Processor, _options.Symbols()));
        IReadOnlyDictionary<string, ulong> unknown = Unknown(guest);
        foreach ((string what, ulong count) in unknown)
            Talk.Line($"unknown to us: {what}, {count} times");

        string hash = machine.StateHash().ToString("x16", CultureInfo.InvariantCulture);
        BootReport report = new()
        {
            Outcome = outcome,
            Exit = status,
            Icount = guest.Processor.InstructionCount,
            VtimeNs = machine.Clock.Now,
            Commit = BuildInfo.Commit,
            Machine = machine.Description.Hash(),
            Images = guest.ImageHash,
            Seed = machine.Description.Seed,
            Inputs = guest.Inputs.Value.ToString("x16", CultureInfo.InvariantCulture),
            FinalHash = hash,
            Settings = MachineSettingsReader.All.ToDictionary(setting => setting.Name, setting => setting.Get(guest.Settings)),
            Unknown = unknown,
        };
        bool missed = status == ExitCode.NotMet && _options.Until is not null && result.Reason != StopReason.Strict;
        string missing = missed ? $"; '{_options.Until}' did not appear" : "";
        Talk.Line((outcome == Diverged ? "the engines differ" : RunVerdict.Sentence(outcome, result, _options.Until, _options.Debug is not null)) + missing);
        Talk.Line(string.Create(CultureInfo.InvariantCulture, $"{report.Icount:#,0} instructions, {report.VtimeNs / 1e9:0.000000000} s of guest time"));
        Talk.Line($"identity: commit {report.Commit}, machine {report.Machine}, images {report.Images}, seed {report.Seed}, inputs {report.Inputs} ({guest.Inputs.Count})");
        Talk.Line($"final state: {hash}");
        if (_options.Json)
            Console.Out.WriteLine(report.ToJson());
    }

    internal static SortedDictionary<string, ulong> Unknown(GuestMachine guest)
    {
        SortedDictionary<string, ulong> unknown = new(StringComparer.Ordinal);
        foreach ((string what, ulong count) in guest.Processor.Report.Counts)
            unknown[what] = count;
        for (int i = 0; i < guest.Machine.Unclaimed.AddressCount; i++)
        {
            Emu.Core.Bus.UnclaimedAccess access = guest.Machine.Unclaimed[i];
            unknown[$"{access.Kind} {access.Address:x}h"] = access.Count;
        }

        return unknown;
    }
}
