using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Tracing;

/// <summary>What lies between a kernel's death and the moment its processes run again, told from the marks on the way (docs/guest-protocol.md).</summary>
/// <param name="writer">Gets a span for each part.</param>
internal sealed class ResurrectionPhases(ITraceWriter writer)
{
    /// <summary>The last mark of a dying kernel.</summary>
    public const string Jump = "jump";

    /// <summary>The first mark of a kernel that dies.</summary>
    public const string First = "panic";

    /// <summary>The mark from which on its processes run again.</summary>
    public const string Last = "gate-open";

    private static readonly string[] Marks = [First, Jump, "crash-kernel-init", "writeback", "released", "armed", Last];

    private readonly ITraceWriter _writer = writer;
    private TraceSlice? _whole;
    private (string Name, Moment When) _at;

    /// <summary>A mark was said.</summary>
    public void Reach(string mark, Moment when)
    {
        if (!Marks.Contains(mark) || (mark == First) != (_whole is null))
            return;
        if (_whole is null)
            _writer.Begin(_whole = Phase("death to life", when));
        else
            _writer.Span(Phase($"{_at.Name} to {mark}", _at.When), when);
        _at = (mark, when);
        if (mark != Last)
            return;
        _writer.End(_whole, "", when);
        _whole = null;
    }

    private static TraceSlice Phase(string name, Moment start) => new(TraceCategory.Phase, TaskName.Idle, name, "", start);
}
