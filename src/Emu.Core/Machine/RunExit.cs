namespace Emu.Core.Machine;

/// <summary>Why <see cref="IProcessor.Run"/> came back.</summary>
public enum RunExit
{
    /// <summary>The deadline is reached.</summary>
    Deadline,

    /// <summary>The bus or an APIC register was accessed: look at lines and events, then go on.</summary>
    Bus,

    /// <summary>HLT retired and no interrupt is deliverable: time may skip to the next event.</summary>
    Halted,

    /// <summary>A triple fault: the processor is shut down.</summary>
    TripleFault,

    /// <summary>Exceptions follow each other without a single instruction between them, and will for ever: the processor is stopped.</summary>
    FaultLoop,

    /// <summary>A breakpoint or watch set from outside was reached; the instruction there has not run.</summary>
    Breakpoint,

    /// <summary>The guest did something unknown under strict mode; see the processor's report.</summary>
    Strict,
}
