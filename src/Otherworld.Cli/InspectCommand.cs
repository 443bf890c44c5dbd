using System.CommandLine;
using System.Globalization;
using Emu.Core;
using Otherworld.Guest.Inspection;

namespace Otherworld.Cli;

/// <summary><c>inspect</c>: what a kernel in a snapshot knows, by its own structures.</summary>
internal static class InspectCommand
{
    private const string What = "tasks|files PID|maps PID|page PFN|log";

    public static Command Create()
    {
        Argument<string> snapshot = SnapshotCommand.File();
        Argument<string> what = new("WHAT")
        {
            Description = "tasks: all processes; files PID: what a process has open; maps PID: its memory areas; page PFN: what a page is used for and who maps it; log: what dmesg prints.",
            HelpName = What,
        };
        Argument<string?> number = new("PID or PFN") { Description = "Which process, or which page: its physical address / 4096.", Arity = ArgumentArity.ZeroOrOne };
        Option<string> kernel = DumpCommand.Kernel();
        Option<string?> symbols = DumpCommand.Symbols();
        Option<bool> json = CommonOptions.Json();
        Command command = new("inspect", "Look into a kernel of a snapshot, dead or living: processes, open files, memory areas, pages, log. Damaged structures are told and not followed.")
        {
            snapshot, what, number, kernel, symbols, json,
        };
        command.SetAction(parsed =>
        {
            SnapshotKernel subject = new(parsed.GetRequiredValue(snapshot), DumpCommand.ReadKernel(parsed.GetRequiredValue(kernel)), parsed.GetValue(symbols));
            InspectReport report = new(subject, parsed.GetValue(json));
            string? argument = parsed.GetValue(number);
            switch (parsed.GetRequiredValue(what))
            {
                case "tasks" when argument is null:
                    report.Tasks();
                    break;
                case "log" when argument is null:
                    report.Log();
                    break;
                case "files":
                    report.Files((int)Number(argument, "PID", int.MaxValue));
                    break;
                case "maps":
                    report.Maps((int)Number(argument, "PID", int.MaxValue));
                    break;
                case "page":
                    report.Page(Number(argument, "PFN", ulong.MaxValue));
                    break;
                case string other:
                    throw new OtherworldException($"inspect '{(argument is null ? other : other + " " + argument)}': wanted is {What}.");
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static ulong Number(string? text, string name, ulong most)
    {
        bool isHex = text?.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ?? false;
        return ulong.TryParse(isHex ? text![2..] : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) && value <= most
            ? value
            : throw new OtherworldException($"'{text}' is no {name}: wanted is {What}.");
    }
}
