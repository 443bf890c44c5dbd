using System.CommandLine;
using Emu.Core;

namespace Otherworld.Cli;

/// <summary><c>trace</c>: what the emulator makes of a guest.</summary>
internal static class TraceCommand
{
    private const int DefaultTop = 10;

    public static Command Create()
    {
        Option<bool> blocks = new("--blocks") { Description = "Guest and host code of the translated blocks, side by side, hottest first." };
        Option<int> top = new("--top") { Description = "Show so many blocks.", HelpName = "N", DefaultValueFactory = _ => DefaultTop };
        return BootCommand.CreateLike("trace", "Boot a kernel or continue a snapshot up to --limit, and show what became of its code.", [blocks, top], (parsed, options) =>
        {
            if (!parsed.GetValue(blocks))
                throw new OtherworldException("trace wants to know what to show: --blocks.");
            if (options.Limit is not { } limit)
                throw new OtherworldException("trace wants --limit N|TIME: how much of the run to look at.");
            if (parsed.GetValue(top) is not (> 0 and var most))
                throw new OtherworldException("--top wants a number above 0.");
            return new TraceRun(options, limit, most).Run();
        });
    }
}
