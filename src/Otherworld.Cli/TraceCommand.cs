using System.CommandLine;
using System.Globalization;
using Emu.Core;
using Emu.Core.Snapshots;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Runs;
using Otherworld.Guest.Symbols;
using Otherworld.Guest.Tracing;

namespace Otherworld.Cli;

/// <summary><c>trace</c>: what happens in a recorded run; with <c>--blocks</c>, what the emulator makes of a guest's code.</summary>
internal sealed class TraceCommand
{
    private const int DefaultTop = 10;
    private const string DefaultEvery = "10_007";

    private readonly Argument<string?> _run = new("RUN") { Description = "Folder that --record made.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _format = new("--format") { Description = "perfetto (for ui.perfetto.dev), folded (stacks for flame graphs), or text (a line for each event).", HelpName = "perfetto|folded|text" };
    private readonly Option<string?> _out = new("--out") { Description = "File to write; folded and text go to standard output without it.", HelpName = "FILE" };
    private readonly Option<string> _every = new("--every") { Description = "With --format folded: instructions between two looks at the stack.", HelpName = "N", DefaultValueFactory = _ => DefaultEvery };
    private readonly Option<string?> _symbols = new("--symbols") { Description = "System.map or unstripped vmlinux of the kernel, if it does not lie beside the disk image.", HelpName = "FILE" };
    private readonly Option<bool> _blocks = new("--blocks") { Description = "Instead of a run: guest and host code of the translated blocks, side by side, hottest first." };
    private readonly Option<int> _top = new("--top") { Description = "With --blocks: show so many.", HelpName = "N", DefaultValueFactory = _ => DefaultTop };

    private TraceCommand()
    {
    }

    public static Command Create()
    {
        TraceCommand verb = new();
        Command command = BootCommand.CreateLike(
            "trace",
            "Show what happens in a recorded run: tasks, system calls, interrupts, exceptions, deaths and resurrections, in guest time. With --blocks: boot a kernel or continue a snapshot up to --limit, and show what became of its code.",
            [verb._format, verb._out, verb._every, verb._symbols, verb._blocks, verb._top],
            (parsed, boot) => verb.Run(parsed, boot));
        command.Arguments.Add(verb._run);
        return command;
    }

    private int Run(ParseResult parsed, BootCommand boot)
    {
        if (parsed.GetValue(_blocks))
            return RunBlocks(parsed, boot);
        string path = parsed.GetValue(_run) ?? throw new OtherworldException("trace wants a recorded run: ./otherworld trace RUN --format text. Or --blocks, to see what became of a guest's code.");
        TraceFormat format = ParseFormat(parsed.GetValue(_format) ?? throw new OtherworldException("trace wants to know in which form: --format perfetto, folded or text."));
        string? output = parsed.GetValue(_out);
        if (output is null && format == TraceFormat.Perfetto)
            throw new OtherworldException("a trace for Perfetto is no text: say where to write it, with --out FILE.");
        if (format != TraceFormat.Folded && parsed.GetResult(_every) is { Implicit: false })
            throw new OtherworldException("--every says how often --format folded looks. The other forms hold every event.");
        if (Quantity.ParseLimit(parsed.GetRequiredValue(_every)) is not { IsTime: false, Value: > 0 and var every })
            throw new OtherworldException("--every wants a number of instructions above 0.");
        (RunLimit? limit, IReadOnlyList<DiskChoice> disks, EngineKind? engine, bool json) = boot.ReadForRun(parsed);
        var run = RunFolder.Open(path);
        return new EventTrace(output, json).Run(new TraceOptions
        {
            Run = run,
            Symbols = SymbolTable.Load(parsed.GetValue(_symbols) ?? KernelSymbols.PathBesideDisk(SnapshotFile.Inspect(run.StartPath))),
            Format = format,
            Every = every,
            Limit = limit,
            Disks = disks,
            Engine = engine,
            Progress = count => Talk.Line(string.Create(CultureInfo.InvariantCulture, $"{count:#,0} instructions")),
        });
    }

    private int RunBlocks(ParseResult parsed, BootCommand boot)
    {
        if (parsed.GetValue(_run) is { } run)
            throw new OtherworldException($"--blocks looks at a kernel that boots or at a snapshot, not at a run: '{run}' is too much.");
        BootOptions options = boot.Read(parsed);
        if (options.Limit is not { } limit)
            throw new OtherworldException("trace --blocks wants --limit N|TIME: how much of the run to look at.");
        if (parsed.GetValue(_top) is not (> 0 and var most))
            throw new OtherworldException("--top wants a number above 0.");
        return new TraceRun(options, limit, most).Run();
    }

    private static TraceFormat ParseFormat(string text) => text switch
    {
        "perfetto" => TraceFormat.Perfetto,
        "folded" => TraceFormat.Folded,
        "text" => TraceFormat.Text,
        _ => throw new OtherworldException($"'{text}' is no form of a trace. Write perfetto, folded or text."),
    };
}
