using System.CommandLine;
using System.Globalization;
using Emu.Core;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Faults;

namespace Otherworld.Cli;

/// <summary><c>inject</c>: one fault in one snapshot, and what becomes of it.</summary>
internal static class InjectCommand
{
    public static Command Create()
    {
        Argument<string?> snapshot = new("SNAPSHOT") { Description = "The snapshot to start from: demo leaves one before each fault.", HelpName = "SNAPSHOT", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> fault = new("--fault")
        {
            Description = "The fault: a class, a site (a function of the kernel, function+0x12 for one instruction), how many instructions behind the snapshot, a seed that draws what is left open, and how many such faults.",
            HelpName = "CLASS[@SITE][,trigger=N][,seed=S][,count=C]",
        };
        Option<bool> list = new("--list") { Description = "List the classes of faults and the sets instead." };
        Option<string[]> disk = new("--disk") { Description = "Where a disk image is now, if not where it was; in the order of the devices.", HelpName = "FILE" };
        Option<string?> image = new("--image") { Description = "Folder of the image whose kernel the snapshot runs, if not the one with its disk image.", HelpName = "DIR" };
        Option<string> limit = new("--limit") { Description = "How many instructions the kernel may live with the fault, and another may take to bring the processes back.", HelpName = "N", DefaultValueFactory = _ => "1_000_000_000" };
        Option<string?> record = CommonOptions.Record();
        Option<string> engine = CommonOptions.Engine();
        Option<bool> json = CommonOptions.Json();
        DebuggerOptions debugger = new(hasQmp: false);
        Command command = new("inject", "Put one fault into the kernel of a snapshot and tell what becomes of it. 0 when the kernel lived on, or died and another brought its processes back; 1 when it died and they did not all come back, or the machine stopped.")
        {
            snapshot, fault, list, disk, image, limit, record, engine, json,
        };
        debugger.AddTo(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(list))
            {
                FaultReport.List(parsed.GetValue(json));
                return ExitCode.Success;
            }

            if (parsed.GetValue(snapshot) is not { } path || parsed.GetValue(fault) is not { } text)
                throw new OtherworldException("inject wants a SNAPSHOT and --fault CLASS[@SITE][,trigger=N][,seed=S][,count=C]. What classes there are: ./otherworld inject --list");
            DebugChoice? debug = debugger.Read(parsed);
            using FaultRun run = new(new FaultRunOptions
            {
                Snapshot = path,
                Fault = FaultSpec.Parse(text),
                Disks = [.. parsed.GetValue(disk)!.Select(DiskChoice.Parse)],
                Symbols = parsed.GetValue(image) is { } folder ? Otherworld.Guest.Images.GuestImage.Open(folder).Path(Otherworld.Guest.Images.ImageRoles.SystemMap) : null,
                Limit = Count(parsed.GetRequiredValue(limit)),
                Engine = EngineChoice.Parse(parsed.GetRequiredValue(engine)),
                Record = parsed.GetValue(record),
                Commit = BuildInfo.Commit,
                Debugger = debug is null ? null : target => debug.OpenGdb(target),
                DebugSymbols = debug?.Symbols,
                CheckpointMemory = debug?.Memory ?? 0,
                Progress = Talk.Line,
            });
            FaultResult result = run.Run();
            FaultReport.Print(result, parsed.GetValue(json));
            return FaultReport.IsBad(result) ? ExitCode.NotMet : ExitCode.Success;
        });
        return command;
    }

    private static ulong Count(string text) =>
        ulong.TryParse(text.Replace("_", "", StringComparison.Ordinal).TrimEnd('i'), NumberStyles.None, CultureInfo.InvariantCulture, out ulong count) && count > 0
            ? count
            : throw new OtherworldException($"--limit {text}: wanted is a number of instructions such as 1_000_000_000.");
}
