using System.CommandLine;
using System.Globalization;
using Emu.Core;
using Otherworld.Cli.Explore;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Worlds;

namespace Otherworld.Cli;

/// <summary><c>explore</c>: a recorded run in the browser.</summary>
internal static class ExploreCommand
{
    private const ushort DefaultPort = 6180;

    public static Command Create()
    {
        Argument<string> run = new("RUN") { Description = "Folder that --record made; of several machines, RUN/NAME is one of them." };
        Option<string> port = new("--port") { Description = "Port of this machine's loopback interface; 0 for any that is free.", HelpName = "PORT", DefaultValueFactory = _ => DefaultPort.ToString(CultureInfo.InvariantCulture) };
        Option<string> output = new("--out") { Description = "Folder for the recordings of the runs that are started on the page.", HelpName = "DIR", DefaultValueFactory = _ => "out/explore" };
        Option<string> memory = new("--checkpoint-memory") { Description = "Memory for the checkpoints that looking anywhere starts from.", HelpName = "SIZE", DefaultValueFactory = _ => "1G" };
        Option<string?> symbols = new("--symbols") { Description = "System.map or unstripped vmlinux of the kernel, if it does not lie beside the disk image.", HelpName = "FILE" };
        Option<string[]> disk = new("--disk") { Description = "Where a disk image is now, if not where it was; in the order of the devices.", HelpName = "FILE[,ro]" };
        Option<string> engine = CommonOptions.Engine();
        Command command = new("explore", "Show a recorded run as a page for the browser: console, timeline, processes before and after a kernel's death, their memory, registers and code at any instruction; start runs of one's own from there. Ctrl-C ends it.")
        {
            run, port, output, memory, symbols, disk, engine,
        };
        command.SetAction((parsed, cancellation) => Run(
            new ExploreOptions
            {
                Run = parsed.GetRequiredValue(run),
                Port = ParsePort(parsed.GetRequiredValue(port)),
                Out = parsed.GetRequiredValue(output),
                CheckpointMemory = (long)Math.Min(Quantity.ParseSize(parsed.GetRequiredValue(memory)), long.MaxValue),
                Symbols = parsed.GetValue(symbols),
                Disks = [.. parsed.GetValue(disk)!.Select(DiskChoice.Parse)],
                Engine = EngineChoice.Parse(parsed.GetRequiredValue(engine)),
            },
            cancellation));
        return command;
    }

    private static async Task<int> Run(ExploreOptions options, CancellationToken cancellation)
    {
        if (options.CheckpointMemory == 0)
            throw new OtherworldException("--checkpoint-memory 0: without checkpoints nothing can be gone back to.");
        if (WorldManifest.IsIn(options.Run))
            throw new OtherworldException($"'{options.Run}' is a recording of several machines. Give one of them: {options.Run}/NAME");
        await using ExploreServer server = new(options);
        await server.Run(cancellation).ConfigureAwait(false);
        return ExitCode.Success;
    }

    private static ushort ParsePort(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ? port : throw new OtherworldException($"--port {text}: wanted is a number from 0 to 65535.");
}
