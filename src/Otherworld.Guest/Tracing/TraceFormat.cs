namespace Otherworld.Guest.Tracing;

/// <summary>The form of a trace.</summary>
public enum TraceFormat
{
    /// <summary>For ui.perfetto.dev.</summary>
    Perfetto,

    /// <summary>Stacks and how often they were there, for flame graphs.</summary>
    Folded,

    /// <summary>A line for each event.</summary>
    Text,
}
