using System.CommandLine;
using System.CommandLine.Invocation;
using Emu.Core;

namespace Otherworld.Cli;

/// <summary>All verbs, and what happens to their errors.</summary>
internal static class CommandLine
{
    private const string Manual =
        """
        Otherworld: an x86-64 PC that boots a Linux guest, kills its kernel, and watches a second kernel bring the processes back.

        Data goes to standard output, everything said to people to standard error. NO_COLOR is honoured.
        Sizes are written 512M, guest times 250ms, instruction counts 12_000_000i.

        Exit status: 0 as expected, 1 an expectation was not met, 2 wrong usage or input, 3 something is missing on this machine,
        4 a bug of ours, 5 triple fault, 6 the guest asked for a reset, 7 the guest halted for good, 8 its exception handlers fault for ever, 124 limit reached;
        a guest that writes VALUE to port 0xf4 ends the run with (VALUE << 1) | 1.

        `./otherworld test [--slow] [FILTER]` runs the test suite.
        """;

    /// <summary>Runs a verb.</summary>
    /// <returns>The exit status.</returns>
    public static int Run(string[] arguments)
    {
        ParseResult parsed = Create().Parse(arguments);
        try
        {
            if (parsed.Action is not ParseErrorAction)
                return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
            string verb = parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ";
            string error = (parsed.Errors.FirstOrDefault(e => e.Message.StartsWith("Unrecognized", StringComparison.Ordinal)) ?? parsed.Errors[0]).Message;
            Talk.Line($"{error.ReplaceLineEndings(" ")} See: ./otherworld {verb}--help");
            return ExitCode.Usage;
        }
        catch (OtherworldException e)
        {
            Talk.Line(e.Message);
            return e.ExitCode;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            string[] message = e.GetBaseException().Message.Split('\n', 2); // a fault in generated code has its disassembly behind the first line
            Talk.Line($"internal error: {message[0]}");
            if (message.Length > 1)
                Console.Error.WriteLine(message[1]);
            Console.Error.WriteLine(e.GetBaseException().StackTrace);
            if (e.InnerException is not null)
                Console.Error.WriteLine(e.StackTrace);
            Talk.Line($"a bug of ours, at commit {BuildInfo.Commit}; this reproduces it: ./otherworld {Quoted(arguments)}");
            return ExitCode.Internal;
        }
    }

    private static RootCommand Create()
    {
        RootCommand root = new(Manual);
        root.Subcommands.Add(DemoCommand.Create());
        root.Subcommands.Add(BootCommand.Create());
        root.Subcommands.Add(ReplayCommand.Create());
        root.Subcommands.Add(ExploreCommand.Create());
        root.Subcommands.Add(LabCommand.Create());
        root.Subcommands.Add(CampaignCommand.Create());
        root.Subcommands.Add(SnapshotCommand.Create());
        root.Subcommands.Add(InjectCommand.Create());
        root.Subcommands.Add(DumpCommand.Create());
        root.Subcommands.Add(InspectCommand.Create());
        root.Subcommands.Add(DoctorCommand.Create());
        root.Subcommands.Add(ImageCommand.Create());
        root.Subcommands.Add(BenchCommand.Create());
        root.Subcommands.Add(OverheadCommand.Create());
        root.Subcommands.Add(OutageCommand.Create());
        root.Subcommands.Add(TraceCommand.Create());
        return root;
    }

    private static string Quoted(string[] arguments) =>
        string.Join(' ', arguments.Select(argument => argument.Length != 0 && argument.All(character => char.IsAsciiLetterOrDigit(character) || "-_./=,:+%@".Contains(character, StringComparison.Ordinal))
            ? argument
            : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
}
