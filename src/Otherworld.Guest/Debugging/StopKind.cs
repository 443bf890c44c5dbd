namespace Otherworld.Guest.Debugging;

/// <summary>Why the guest stands still for the debugger.</summary>
public enum StopKind
{
    /// <summary>The debugger asked for it, or has just come.</summary>
    Interrupt,

    /// <summary>An instruction has been executed, forwards or backwards.</summary>
    Step,

    /// <summary>At a software breakpoint.</summary>
    Breakpoint,

    /// <summary>At a hardware breakpoint.</summary>
    HardwareBreakpoint,

    /// <summary>Forwards: behind the instruction that accessed watched memory. Backwards: before it.</summary>
    Watchpoint,

    /// <summary>The first moment that is known.</summary>
    Begin,

    /// <summary>The run has ended, or what was recorded of it.</summary>
    End,
}
