using System.Globalization;
using System.Text.Json.Nodes;
using Emu.Core;
using Emu.Core.Snapshots;
using Otherworld.Guest.Tracing;

namespace Otherworld.Cli;

/// <summary>One <c>trace RUN</c>: the file, and what is said about it.</summary>
/// <param name="output">File to write; null for standard output.</param>
/// <param name="json">End with a line of JSON.</param>
internal sealed class EventTrace(string? output, bool json)
{
    private readonly string? _output = output;
    private readonly bool _json = json;

    /// <summary>Replays and writes.</summary>
    /// <returns>The exit status: 1 when the replay was not the recorded run.</returns>
    public int Run(TraceOptions options)
    {
        if (_output is null && _json)
            throw new OtherworldException("--json ends with a line of its own on standard output: say where to write the trace, with --out FILE.");
        RunTrace trace = new(options);
        TraceResult? result = null;
        if (_output is null)
        {
            using Stream stream = Console.OpenStandardOutput();
            result = trace.Write(stream);
        }
        else
        {
            AtomicFile.Write(_output, stream => result = trace.Write(stream));
        }

        Say(result!, options.Format);
        return result!.Divergence is null ? ExitCode.Success : ExitCode.NotMet;
    }

    private void Say(TraceResult result, TraceFormat format)
    {
        TraceCounts counts = result.Counts;
        Talk.Line(format == TraceFormat.Folded
            ? string.Create(CultureInfo.InvariantCulture, $"{result.Samples:#,0} samples")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{counts.Switches:#,0} context switches, {counts.SystemCalls:#,0} system calls, {counts.Exceptions:#,0} exceptions, {counts.Interrupts:#,0} interrupts, {counts.Exits:#,0} exits, {counts.Marks:#,0} marks, {counts.Resurrections:#,0} resurrections"));
        if (result.Divergence is { } difference)
            Talk.Line($"DIVERGED at tick {difference.Tick}: {difference.Where} was {difference.Recorded}, is {difference.Replayed}; the trace ends there");
        else
            Talk.Line($"identical with the recording so far as compared: {result.Checked} hashes");
        string hash = result.FinalHash.ToString("x16", CultureInfo.InvariantCulture);
        Talk.Line(string.Create(CultureInfo.InvariantCulture, $"{result.Icount:#,0} instructions, {result.VtimeNs / 1e9:0.000000000} s of guest time, final state: {hash}"));
        if (_json)
        {
            JsonObject said = new()
            {
                ["out"] = _output,
                ["switches"] = counts.Switches,
                ["system_calls"] = counts.SystemCalls,
                ["exceptions"] = counts.Exceptions,
                ["interrupts"] = counts.Interrupts,
                ["exits"] = counts.Exits,
                ["marks"] = counts.Marks,
                ["resurrections"] = counts.Resurrections,
                ["samples"] = result.Samples,
                ["icount"] = result.Icount,
                ["vtime_ns"] = result.VtimeNs,
                ["checked"] = result.Checked,
                ["verdict"] = result.Divergence is null ? "identical" : "diverged",
                ["final_hash"] = hash,
            };
            Console.Out.WriteLine(said.ToJsonString());
        }
    }
}
