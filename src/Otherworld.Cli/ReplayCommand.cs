using System.CommandLine;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Runs;
using Otherworld.Guest.Worlds;

namespace Otherworld.Cli;

/// <summary><c>replay</c>: a recorded run once more, bit for bit.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        Argument<string> run = new("RUN") { Description = "Folder that --record made; of several machines, all are compared, and RUN/NAME is one of them." };
        Option<string?> target = new("--goto") { Description = "Stop at an instruction count (12_000_000), a guest time (250ms), where a kernel dies (panic), or at a mark of our guest (gate-open).", HelpName = "ICOUNT|TIME|panic|MARK" };
        Option<bool> verify = new("--verify") { Description = "Show no console, only compare; 1 and the first difference when it is not the same run." };
        Option<bool> fork = new("--fork") { Description = "From the point reached on, go on as a live run of its own, with the console on this terminal." };
        Option<string?> save = new("--save") { Description = "Save a snapshot of the point reached.", HelpName = "SNAPSHOT" };
        Option<string?> record = new("--record") { Description = "Record the live run of --fork into a folder of its own.", HelpName = "RUN" };
        Option<string?> limit = new("--limit") { Description = "End the live run of --fork after so many instructions or so much guest time.", HelpName = "N|TIME" };
        Option<string?> tty = CommonOptions.Tty();
        Option<string[]> disk = new("--disk") { Description = "Where a disk image is now, if not where it was; in the order of the devices.", HelpName = "FILE[,ro]" };
        Option<string> engine = CommonOptions.Engine();
        Option<bool> json = CommonOptions.Json();
        DebuggerOptions debugger = new(hasQmp: true);
        Command command = new("replay", "Replay a recorded run bit for bit, compare it with the recording, stop anywhere in it, go on from there.") { run, target, verify, fork, save, record, limit, tty, disk, engine, json };
        debugger.AddTo(command);
        command.SetAction(parsed => Run(new ReplayOptions
        {
            Run = parsed.GetRequiredValue(run),
            Target = parsed.GetValue(target) is { } text ? ReplayTarget.Parse(text) : null,
            TargetText = parsed.GetValue(target) ?? "the end",
            Verify = parsed.GetValue(verify),
            Fork = parsed.GetValue(fork),
            Save = parsed.GetValue(save),
            Record = parsed.GetValue(record),
            Limit = parsed.GetValue(limit) is { } end ? Quantity.ParseLimit(end) : null,
            Tty = CommonOptions.ReadTty(parsed, tty),
            Disks = [.. parsed.GetValue(disk)!.Select(DiskChoice.Parse)],
            Engine = EngineChoice.Parse(parsed.GetRequiredValue(engine)),
            Debug = debugger.Read(parsed),
            Json = parsed.GetValue(json),
        }));
        return command;
    }

    private static int Run(ReplayOptions options) => WorldManifest.IsIn(options.Run) ? new WorldReplay(options).Run() : new ReplayRun(options).Run();
}
