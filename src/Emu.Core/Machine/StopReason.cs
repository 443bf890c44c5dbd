namespace Emu.Core.Machine;

/// <summary>Why a machine stopped running. Everything but <see cref="Limit"/> is something that happened in the guest.</summary>
public enum StopReason : byte
{
    /// <summary>Nothing asked for a stop.</summary>
    None,

    /// <summary>The tick given as limit is reached.</summary>
    Limit,

    /// <summary>The guest switched the power off (ACPI S5).</summary>
    PowerOff,

    /// <summary>The guest asked for a reset (port 92H, CF9H, the keyboard controller or the ACPI reset register).</summary>
    Reset,

    /// <summary>The processor shut down after a triple fault.</summary>
    TripleFault,

    /// <summary>Every handler of an exception faults before its first instruction retires: no time passes any more.</summary>
    FaultLoop,

    /// <summary>The guest wrote to isa-debug-exit; the value is what it wrote.</summary>
    DebugExit,

    /// <summary>A breakpoint or watch set from outside was reached.</summary>
    Breakpoint,

    /// <summary>The watchdog raised NMI, and the machine was told to stop there.</summary>
    Watchdog,

    /// <summary>Idle, nothing scheduled: only an input can go on.</summary>
    Idle,

    /// <summary>HLT with interrupts disabled: nothing the machine knows of will ever wake the processor.</summary>
    Halted,

    /// <summary>The guest did something unknown and the machine is strict; the value is the port or the low half of the address.</summary>
    Strict,

    /// <summary>A text that was waited for has been written; see <see cref="Host.TextWatch"/>.</summary>
    Text,
}
