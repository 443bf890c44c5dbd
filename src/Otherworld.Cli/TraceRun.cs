using System.Globalization;
using Emu.Core;
using Emu.Core.Devices;
using Emu.Core.Machine;
using Emu.X86;
using Emu.X86.Translator;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Cli;

/// <summary>One run of <c>trace --blocks</c>. The guest's console goes nowhere: standard output belongs to the trace.</summary>
/// <param name="options">What to boot.</param>
/// <param name="limit">How far.</param>
/// <param name="top">How many blocks to show.</param>
internal sealed class TraceRun(BootOptions options, RunLimit limit, int top)
{
    private const int GuestColumn = 44;

    private readonly BootOptions _options = options;
    private readonly RunLimit _limit = limit;
    private readonly int _top = top;

    /// <summary>Runs and shows.</summary>
    /// <returns>The exit status.</returns>
    public int Run()
    {
        using GuestMachine guest = _options.CreateGuest(NullSink.Instance, _options.Settings.Engine);
        if (guest.Processor.Engine != EngineKind.Translator)
            throw new OtherworldException($"there is no host code to show: {EngineSupport.WhyNoTranslator ?? "the interpreter was asked for"}.");
        HotBlocks hot = new(guest);
        RunResult result = hot.Run(_limit);
        SymbolTable? symbols = _options.Symbols();
        TraceReport report = new()
        {
            End = result.Reason.ToString(),
            Icount = guest.Processor.InstructionCount,
            Interval = HotBlocks.Interval,
            Samples = hot.Samples,
            Translated = guest.Processor.Translated,
            Blocks = [.. hot.Hottest(_top).Select(block => Describe(guest, block, symbols))],
        };
        if (_options.Json)
            Console.Out.WriteLine(report.ToJson());
        else
            Show(report);
        string end = string.Create(CultureInfo.InvariantCulture, $"{report.Icount:#,0} instructions, {report.Translated:#,0} translations, {report.Samples:#,0} samples");
        Talk.Line(result.Reason == StopReason.Limit ? end : $"the run ended early ({result.Reason}): {end}");
        return ExitCode.Success;
    }

    private static TraceBlock Describe(GuestMachine guest, HotBlock hot, SymbolTable? symbols)
    {
        IReadOnlyList<ListedInstruction> listing = guest.Processor.List(hot.Block, hot.Rip) ?? throw new InternalErrorException("a translated block is gone though nothing ran");
        return new TraceBlock
        {
            Rip = hot.Rip.ToString("x16", CultureInfo.InvariantCulture),
            Symbol = symbols?.Describe(hot.Rip),
            Ram = hot.Block.Start.ToString("x", CultureInfo.InvariantCulture),
            Samples = hot.Samples,
            GuestBytes = hot.Block.GuestBytes,
            HostBytes = hot.Block.HostBytes,
            Instructions = [.. listing.Select(line => new TraceInstruction(line.Offset, line.Guest, [.. line.Host.Select(host => host.Text)]))],
        };
    }

    private static void Show(TraceReport report)
    {
        foreach (TraceBlock block in report.Blocks)
        {
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{100.0 * block.Samples / report.Samples:0.00} %  {block.Rip}{(block.Symbol is null ? "" : " " + block.Symbol)}: {block.GuestBytes} bytes of guest code, {block.HostBytes} of host code"));
            foreach (TraceInstruction instruction in block.Instructions)
            {
                string guest = string.Create(CultureInfo.InvariantCulture, $"  +{instruction.Offset:x3} {instruction.Guest}");
                if (instruction.Host.Count == 0)
                    Console.Out.WriteLine(guest);
                for (int i = 0; i < instruction.Host.Count; i++)
                    Console.Out.WriteLine($"{(i == 0 ? guest : ""),-GuestColumn}  {instruction.Host[i]}");
            }

            Console.Out.WriteLine();
        }
    }
}
