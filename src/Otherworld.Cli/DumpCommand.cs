using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Emu.Core;
using Emu.Core.Memory;
using Otherworld.Guest.Dumps;
using Otherworld.Guest.Inspection;

namespace Otherworld.Cli;

/// <summary><c>dump</c>: a kernel of a snapshot as a file for the tools people debug kernels with.</summary>
internal static class DumpCommand
{
    public static Command Create()
    {
        Argument<string> snapshot = SnapshotCommand.File();
        Option<string> format = new("--format") { Description = "elf: a core file for gdb, crash, drgn and makedumpfile; raw: RAM alone, a position in the file is a physical address.", DefaultValueFactory = _ => "elf", HelpName = "elf|raw" };
        Option<string> kernel = Kernel();
        Option<string> output = new("--out") { Description = "The dump; dmesg.txt, regs.json and stack.txt are written beside it.", HelpName = "FILE", Required = true };
        Option<string?> symbols = Symbols();
        Option<bool> json = CommonOptions.Json();
        Command command = new("dump", "Write a kernel of a snapshot, dead or living, as a core file that gdb, crash, drgn and makedumpfile open.") { snapshot, format, kernel, output, symbols, json };
        command.SetAction(parsed =>
        {
            DumpRun run = new(new DumpOptions
            {
                Snapshot = parsed.GetRequiredValue(snapshot),
                Out = parsed.GetRequiredValue(output),
                Format = Choose<DumpFormat>("--format", parsed.GetRequiredValue(format)),
                Kernel = ReadKernel(parsed.GetRequiredValue(kernel)),
                Symbols = parsed.GetValue(symbols),
                Progress = frame => Talk.Line(string.Create(CultureInfo.InvariantCulture, $"{((long)frame * GuestMemory.FrameSize) >> 20} MiB of RAM done")),
            });
            Say(run.Run(), parsed.GetValue(json));
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary><c>--kernel</c>, on every verb that looks at a kernel of a snapshot.</summary>
    public static Option<string> Kernel() => new("--kernel")
    {
        Description = "live: the kernel that ran last (at a panic, the one that dies); dead: the one that died before it.",
        DefaultValueFactory = _ => "live",
        HelpName = "live|dead",
    };

    /// <summary><c>--symbols</c>, on every verb that looks at a kernel of a snapshot.</summary>
    public static Option<string?> Symbols() => new("--symbols") { Description = "System.map or unstripped vmlinux of the snapshot's kernel, if not the one beside its disk image.", HelpName = "FILE" };

    /// <summary>What was said with <see cref="Kernel"/>.</summary>
    /// <exception cref="OtherworldException">It is none.</exception>
    public static KernelChoice ReadKernel(string text) => Choose<KernelChoice>("--kernel", text);

    private static void Say(DumpResult result, bool json)
    {
        if (json)
        {
            JsonObject said = new()
            {
                ["files"] = CliJson.List(result.Files),
                ["generation"] = result.Generation,
                ["phys_base"] = result.PhysBase,
                ["rip"] = result.Rip,
                ["message"] = result.Message,
                ["debug_kernel"] = result.DebugKernel,
            };
            Console.Out.WriteLine(said.ToJsonString());
            return;
        }

        Talk.Line($"kernel of generation {result.Generation} at {result.Rip}{(result.Message is null ? "" : ": " + result.Message)}");
        foreach (string file in result.Files)
            Console.Out.WriteLine(file);
        if (result.DebugKernel is { } debug)
            Talk.Line($"open it: crash {debug} {result.Files[0]}");
    }

    private static T Choose<T>(string option, string text)
        where T : struct, Enum
    {
        T[] values = Enum.GetValues<T>();
        int index = Array.FindIndex(values, value => string.Equals(value.ToString().ToLowerInvariant(), text, StringComparison.Ordinal));
        return index >= 0 ? values[index] : throw new OtherworldException($"{option} {text}: wanted is {string.Join(" or ", values.Select(value => value.ToString().ToLowerInvariant()))}.");
    }
}
