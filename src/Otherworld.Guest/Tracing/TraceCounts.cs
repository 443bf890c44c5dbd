namespace Otherworld.Guest.Tracing;

/// <summary>How many events of each kind a trace holds.</summary>
public sealed class TraceCounts
{
    /// <summary>Context switches.</summary>
    public int Switches { get; set; }

    /// <summary>System calls entered.</summary>
    public int SystemCalls { get; set; }

    /// <summary>Exceptions delivered.</summary>
    public int Exceptions { get; set; }

    /// <summary>Interrupts and NMIs delivered.</summary>
    public int Interrupts { get; set; }

    /// <summary>Tasks that ended.</summary>
    public int Exits { get; set; }

    /// <summary>Marks, and last words.</summary>
    public int Marks { get; set; }

    /// <summary>Processes that came back.</summary>
    public int Resurrections { get; set; }
}
