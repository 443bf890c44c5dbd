using System.Collections.Immutable;
using System.CommandLine;
using Emu.Core;
using Otherworld.Guest.Benchmarks;
using Otherworld.Guest.Boot;

namespace Otherworld.Cli;

/// <summary><c>bench</c>: how fast we are, beside others, on the same kernel and the same programs.</summary>
internal sealed class BenchCommand
{
    private static readonly string[] Opponents = ["native", "interpreter", "qemu", "bochs"];

    private readonly Option<string> _against = new("--against")
    {
        Description = "Whom to compare with, separated by commas: native (the compute items as a plain process), interpreter (our engine of that name), qemu (plain and with -icount), "
            + "bochs (compute and guest, without the disk it has no driver for; it takes minutes).",
        DefaultValueFactory = _ => "native,interpreter,qemu",
        HelpName = "LIST",
    };

    private readonly Option<string> _suite = new("--suite") { Description = "compute, guest, boot, start, campaign or all.", DefaultValueFactory = _ => "all", HelpName = "SUITE" };
    private readonly Option<string?> _only = new("--only") { Description = "Only these items, separated by commas.", HelpName = "ITEMS" };
    private readonly Option<int> _runs = new("--runs") { Description = "How often everything is measured; medians count.", DefaultValueFactory = _ => 5, HelpName = "N" };
    private readonly Option<int> _divisor = new("--divide") { Description = "Divide the rounds of each item by this, for a first look.", DefaultValueFactory = _ => 1, HelpName = "N" };
    private readonly Option<string> _engine = CommonOptions.Engine();
    private readonly Option<string?> _qemu = new("--qemu") { Description = "The qemu-system-x86_64 to use instead of the one in PATH.", HelpName = "PATH" };
    private readonly Option<string?> _json = new("--json") { Description = "Write the report as JSON.", HelpName = "FILE" };
    private readonly Option<string?> _plot = new("--plot") { Description = "Draw a bar chart.", HelpName = "FILE.svg" };
    private readonly Option<string?> _results = new("--results") { Description = "Write the report as a page for people.", HelpName = "FILE.md" };

    private BenchCommand()
    {
    }

    public static Command Create()
    {
        BenchCommand verb = new();
        Command command = new(
            "bench",
            "Measure this program beside QEMU, the interpreter and the host itself: the same kernel, root and programs, interleaved, by the host's clock. Five runs take ten to fifteen minutes, one run two to three; "
            + "a machine that does something else meanwhile gives other figures. QEMU is installed when it is absent and you are root.")
        {
            verb._against, verb._suite, verb._only, verb._runs, verb._divisor, verb._engine, verb._qemu, verb._json, verb._plot, verb._results,
        };
        command.SetAction(verb.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        using BenchRun run = new(Read(parsed));
        foreach ((string name, string version) in run.Contenders)
            Talk.Line($"{name}: {version}");
        BenchReport report = run.Run();
        foreach (string line in BenchTable.Lines(report))
            Console.Out.WriteLine(line);
        Write(parsed.GetValue(_json), report.ToJson() + "\n");
        Write(parsed.GetValue(_plot), BenchChart.Draw(report));
        Write(parsed.GetValue(_results), ResultsPage.Of(report));
        return report.Failures.IsEmpty ? ExitCode.Success : ExitCode.NotMet;
    }

    private BenchOptions Read(ParseResult parsed)
    {
        ImmutableArray<string> against = Words(parsed.GetValue(_against));
        if (against.FirstOrDefault(word => !Opponents.Contains(word)) is { } unknown)
            throw new OtherworldException($"--against {unknown}: known are {string.Join(", ", Opponents)}.");
        ImmutableArray<string> only = Words(parsed.GetValue(_only));
        if (only.FirstOrDefault(word => !BenchSuite.All.Any(suite => suite.Items.Contains(word))) is { } strange)
            throw new OtherworldException($"--only {strange}: the items are {string.Join(", ", BenchSuite.All.SelectMany(suite => suite.Items))}.");
        return new BenchOptions
        {
            Suites = Suites(parsed.GetValue(_suite)!, only),
            Against = against,
            Only = only,
            Runs = InRange("--runs", parsed.GetValue(_runs)),
            Divisor = InRange("--divide", parsed.GetValue(_divisor)),
            Engine = EngineChoice.Parse(parsed.GetRequiredValue(_engine)),
            Qemu = parsed.GetValue(_qemu) switch
            {
                null => null,
                string path when File.Exists(path) => Path.GetFullPath(path),
                string path => throw new OtherworldException($"--qemu {path}: there is no such file."),
            },
            Self = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet"
                ? [host, Environment.GetCommandLineArgs()[0]]
                : [Environment.ProcessPath!],
            Commit = BuildInfo.Commit,
            Progress = Talk.Line,
        };
    }

    /// <summary>The suites asked for; with --only, those of them that have one of the items.</summary>
    private static ImmutableArray<BenchSuite> Suites(string name, ImmutableArray<string> only)
    {
        BenchSuite[] named = [.. BenchSuite.All.Where(suite => name == "all" || suite.Name == name)];
        if (named.Length == 0)
            throw new OtherworldException($"--suite {name}: the suites are {string.Join(", ", BenchSuite.All.Select(suite => suite.Name))} and all.");
        return [.. named.Where(suite => only.IsEmpty || suite.Items.Any(item => only.Contains(item)))];
    }

    private static int InRange(string option, int value) =>
        value is >= 1 and <= 1000 ? value : throw new OtherworldException($"{option} {value}: wanted is a number from 1 to 1000.");

    private static ImmutableArray<string> Words(string? list) => [.. (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    /// <summary>Writes a file beside its place and renames it; says so.</summary>
    public static void Write(string? path, string text)
    {
        if (path is null)
            return;
        string target = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllText(target + ".new", text);
        File.Move(target + ".new", target, overwrite: true);
        Talk.Line($"wrote {path}");
    }
}
