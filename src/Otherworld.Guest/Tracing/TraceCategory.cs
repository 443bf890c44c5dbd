namespace Otherworld.Guest.Tracing;

/// <summary>What an event of a trace is about.</summary>
public enum TraceCategory
{
    /// <summary>A system call, from its entry to the return to user mode.</summary>
    SystemCall,

    /// <summary>An exception, while its handler runs.</summary>
    Exception,

    /// <summary>An interrupt or NMI, while its handler runs.</summary>
    Interrupt,

    /// <summary>The end of a task.</summary>
    Exit,

    /// <summary>A line of the guest protocol on the debug console (docs/guest-protocol.md), or a kernel's last words on its console.</summary>
    Mark,

    /// <summary>What happens between two marks from a kernel's death to the moment its processes run again.</summary>
    Phase,

    /// <summary>A process coming back.</summary>
    Resurrection,
}
