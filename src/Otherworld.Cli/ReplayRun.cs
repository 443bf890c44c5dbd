using System.Globalization;
using System.Text.Json.Nodes;
using Emu.Core;
using Emu.Core.Devices;
using Emu.Core.Host;
using Emu.Core.Replay;
using Otherworld.Guest.Debugging;
using Otherworld.Guest.Runs;

namespace Otherworld.Cli;

/// <summary>One run of <c>replay</c>: to the point, what was compared, and what is done there.</summary>
internal sealed class ReplayRun(ReplayOptions options)
{
    private readonly ReplayOptions _options = options;

    public int Run()
    {
        if (_options is { Fork: false, Record: not null } or { Fork: false, Limit: not null })
            throw new OtherworldException("--record and --limit of replay are for the live run that --fork starts. Add --fork, or leave them away.");

        if (_options is { Fork: true, Debug: not null })
            throw new OtherworldException("--fork excludes --gdb and --qmp here. Save the point with --save SNAPSHOT, then: ./otherworld boot --from SNAPSHOT --gdb");

        using Stream stream = _options.Json ? Console.OpenStandardError() : Console.OpenStandardOutput();
        using StreamSink terminal = new(stream);
        using RunReplay replay = new(RunFolder.Open(_options.Run), _options.Disks, _options.Verify ? NullSink.Instance : terminal, _options.Engine, _options.Tty);
        replay.Progress = _ => terminal.Flush();
        Timeline? timeline = _options.Debug is { } choice ? replay.KeepCheckpoints(choice.Memory) : null;
        bool reached = (timeline is not null && _options.Target is null) || replay.To(_options.Target);
        terminal.Flush();
        if (reached && timeline is not null)
            Debug(replay, timeline, terminal);
        string verdict = replay.Divergence is null ? "identical" : "diverged";
        Say(replay, reached);
        if (reached && _options.Save is { } path)
            Talk.Line($"saved '{path}': state {replay.Guest.Save(path, BuildInfo.Commit, $"replay of {_options.Run} at {_options.TargetText}").StateHash}");
        if (_options.Json)
            Console.Out.WriteLine(ToJson(replay, verdict, reached));
        if (!reached || replay.Divergence is not null)
            return ExitCode.NotMet;
        return _options.Fork ? GoOn(replay, terminal) : ExitCode.Success;
    }

    private void Debug(RunReplay replay, Timeline timeline, StreamSink terminal)
    {
        using IDebugServer server = _options.Debug!.Open(new DebugTarget(replay.Guest, timeline, _options.Debug.Symbols, isLive: false, mayChange: false));
        server.BetweenSlices = terminal.Flush;
        replay.Debug(server);
        terminal.Flush();
    }

    private void Say(RunReplay replay, bool reached)
    {
        string where = string.Create(CultureInfo.InvariantCulture, $"{replay.Guest.Processor.InstructionCount:#,0} instructions, {replay.Guest.Machine.Clock.Now / 1e9:0.000000000} s of guest time");
        if (replay.Divergence is { } difference)
        {
            Talk.Line($"DIVERGED at tick {difference.Tick}: {difference.Where} was {difference.Recorded}, is {difference.Replayed}; all was equal at tick {difference.LastEqualTick}");
            return;
        }

        if (!reached)
            Talk.Line($"the recording ends before {_options.TargetText}");
        else if (replay.AtEnd && !replay.Complete)
            Talk.Line("the recorder was killed: the run is replayed to the last thing it wrote");
        Talk.Line($"IDENTICAL so far as compared: {replay.Checked} hashes, {replay.Inputs} inputs, {where}");
        Talk.Line($"final state: {Hash(replay)}");
    }

    /// <summary>From here on a person, or whatever is on standard input, decides what happens.</summary>
    private int GoOn(RunReplay replay, StreamSink terminal)
    {
        using RunRecorder? recorder = _options.Record is { } path ? RunFolder.Record(path, replay.Guest, BuildInfo.Commit, selfContained: false) : null;
        LiveConsole console = new(replay.Guest, Console.IsInputRedirected ? Pace.Max : Pace.Realtime, _options.Limit, terminal, line: _options.Tty);
        (Emu.Core.Machine.RunResult result, bool quit) = console.Run();
        recorder?.Finish();
        terminal.Flush();
        Talk.Line(quit ? "left with Ctrl-A x" : $"the live run ended: {result.Reason}");
        Talk.Line($"final state: {Hash(replay)}");
        return ExitCode.Success;
    }

    private string ToJson(RunReplay replay, string verdict, bool reached) => new JsonObject
    {
        ["verdict"] = verdict,
        ["reached"] = reached,
        ["complete"] = replay.Complete,
        ["at"] = _options.TargetText,
        ["icount"] = replay.Guest.Processor.InstructionCount,
        ["vtime_ns"] = replay.Guest.Machine.Clock.Now,
        ["checked"] = replay.Checked,
        ["inputs"] = replay.Inputs,
        ["divergence"] = replay.Divergence is { } difference
            ? new JsonObject
            {
                ["tick"] = difference.Tick,
                ["icount"] = difference.InstructionCount,
                ["last_equal_tick"] = difference.LastEqualTick,
                ["where"] = difference.Where,
                ["recorded"] = difference.Recorded,
                ["replayed"] = difference.Replayed,
            }
            : null,
        ["final_hash"] = Hash(replay),
    }.ToJsonString();

    private static string Hash(RunReplay replay) => replay.Guest.Machine.StateHash().ToString("x16", CultureInfo.InvariantCulture);
}
