using System.Globalization;
using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Tracing;

/// <summary>One line for each event: guest time in seconds, instructions retired, the task, what happened.</summary>
/// <param name="output">Where to.</param>
public sealed class TextTrace(TextWriter output) : ITraceWriter
{
    private readonly TextWriter _output = output;

    /// <inheritdoc/>
    public void Switch(TaskName from, TaskName to, Moment when) => Line(when, from, "switch", $"to {to}");

    /// <inheritdoc/>
    public void Begin(TraceSlice slice) => Line(slice.Start, slice.Task, Word(slice.Category), slice.Category == TraceCategory.Phase ? slice.Name : $"{slice.Name}({slice.Detail})");

    /// <inheritdoc/>
    public void End(TraceSlice slice, string detail, Moment when) =>
        Line(when, slice.Task, "end", $"{slice.Name} {detail}".TrimEnd() + Duration(slice.Start, when));

    /// <inheritdoc/>
    public void Point(TraceCategory category, TaskName task, string name, string detail, Moment when) => Line(when, task, Word(category), $"{name} {detail}".TrimEnd());

    /// <inheritdoc/>
    public void Span(TraceSlice slice, Moment end) => Line(end, slice.Task, Word(slice.Category), $"{slice.Name} {slice.Detail}".TrimEnd() + Duration(slice.Start, end));

    /// <inheritdoc/>
    public void Finish(Moment when) => _output.Flush();

    /// <summary>How people call a category in a line.</summary>
    internal static string Word(TraceCategory category) => category switch
    {
        TraceCategory.SystemCall => "call",
        TraceCategory.Exception => "exception",
        TraceCategory.Interrupt => "interrupt",
        TraceCategory.Exit => "exit",
        TraceCategory.Mark => "mark",
        TraceCategory.Phase => "phase",
        _ => "back",
    };

    private static string Duration(Moment start, Moment end) => string.Create(CultureInfo.InvariantCulture, $" [{end.VtimeNs - start.VtimeNs:#,0} ns]");

    private void Line(Moment when, TaskName task, string word, string text) =>
        _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{when.VtimeNs / 1_000_000_000,4}.{when.VtimeNs % 1_000_000_000:000000000} {when.Icount,13} {task,-21} {word,-9} {text}"));
}
