using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Tracing;

/// <summary>Puts events of a run into some form. They come in the order of guest time.</summary>
public interface ITraceWriter
{
    /// <summary>The kernel gives the processor to another task.</summary>
    void Switch(TaskName from, TaskName to, Moment when);

    /// <summary>Something begins.</summary>
    void Begin(TraceSlice slice);

    /// <summary>The last thing of its task that has begun and not ended ends.</summary>
    /// <param name="slice">What.</param>
    /// <param name="detail">How; may be empty.</param>
    /// <param name="when">When.</param>
    void End(TraceSlice slice, string detail, Moment when);

    /// <summary>Something has happened.</summary>
    void Point(TraceCategory category, TaskName task, string name, string detail, Moment when);

    /// <summary>Something is over whose beginning was not known as one then.</summary>
    void Span(TraceSlice slice, Moment end);

    /// <summary>The run is over.</summary>
    void Finish(Moment when);
}
