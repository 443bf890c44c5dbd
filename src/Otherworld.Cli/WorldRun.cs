using System.Globalization;
using Emu.Core.Host;
using Emu.Core.Machine;
using Emu.Core.Worlds;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Worlds;

namespace Otherworld.Cli;

/// <summary>One run of <c>boot</c> with several machines. It is the run of the machine at the terminal: it ends with it, and its end is what is judged; the others live beside it.</summary>
internal sealed class WorldRun(WorldOptions options)
{
    private readonly WorldOptions _options = options;

    public int Run()
    {
        string terminalName = _options.Console ?? _options.Names[0];
        // The console is data; with --json the data is the report, and the console is talk.
        using Stream stream = _options.Json ? Console.OpenStandardError() : Console.OpenStandardOutput();
        using StreamSink terminal = new(stream);
        TextWatch watch = new(terminal);
        using WorldConsoles consoles = new(_options, terminalName, watch);
        using PcapngWriter? capture = _options.Pcap is { } path ? new PcapngWriter(HostFile.Create(path, "capture file"), _options.Links, new MachineDescription().RtcEpoch) : null;
        using GuestWorld world = _options.Create(consoles.Of, capture);
        GuestMachine guest = world[terminalName];
        WorldMachine machine = world.World.Machines[world.IndexOf(terminalName)];
        if (_options.Until is not null)
            watch.WaitFor(_options.Until, guest.Machine.Stop);

        (RunResult result, bool quit) = machine.End is { } end ? (end, false) : Run(world, new LiveConsole(guest, _options.Pace, _options.Limit, terminal, limit => RunTo(world, machine, limit)));
        terminal.Flush();
        bool missed = _options.Until is not null && watch.Seen == 0;
        (string outcome, int status) = RunVerdict.Judge(result, quit, missed);
        if (_options.Save is { } folder)
            Talk.Line($"saved '{folder}': state {world.Save(folder, BuildInfo.Commit, _options.Until is null ? outcome : $"{outcome}: {_options.Until}").StateHash}");
        Report(world, machine, guest, outcome, status, result);
        return status;
    }

    private (RunResult Result, bool Quit) Run(GuestWorld world, LiveConsole console)
    {
        if (_options.Record is not { } path)
            return console.Run();
        using WorldRecorder recorder = world.Record(path, BuildInfo.Commit, _options.SelfContained);
        (RunResult Result, bool Quit) end = console.Run();
        recorder.Finish();
        return end;
    }

    /// <summary>Runs the world until the machine at the terminal has come to a tick or something happened in it.</summary>
    private static RunResult RunTo(GuestWorld world, WorldMachine machine, ulong limit)
    {
        while (true)
        {
            bool whole = world.Run(limit);
            foreach (WorldMachine other in world.World.Machines.Where(other => other != machine))
            {
                if (other.TakeHappened() is { } happened)
                    Talk.Line(string.Create(CultureInfo.InvariantCulture, $"{other.Name}: {WorldReport.State(other)} after {other.Machine.Clock.Now / 1e9:0.000000000} s: {RunVerdict.Sentence("", happened)}"));
            }

            if (machine.TakeHappened() is { } result)
                return result;
            if (whole)
                return new RunResult(StopReason.Limit);
        }
    }

    private void Report(GuestWorld world, WorldMachine machine, GuestMachine guest, string outcome, int status, RunResult result)
    {
        if (result.Reason is StopReason.TripleFault or StopReason.FaultLoop)
            Console.Error.Write(RegisterDump.Of(guest.Processor, null));
        string missing = status == ExitCode.NotMet && _options.Until is not null ? $"; '{_options.Until}' did not appear" : "";
        Talk.Line($"{machine.Name}: {RunVerdict.Sentence(outcome, result, _options.Until)}{missing}");
        WorldReport report = new(world);
        report.Say();
        if (_options.Json)
            Console.Out.WriteLine(report.ToJson(outcome, status));
    }
}
