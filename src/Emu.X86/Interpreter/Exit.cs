namespace Emu.X86.Interpreter;

/// <summary>Why a handler left the run loop. In every case <c>RipBase</c> is the RIP to go on at and the budget has been settled.</summary>
public enum Exit
{
    /// <summary>Look up the block at RIP and go on (an indirect or not yet linked branch, a stale block).</summary>
    Lookup,

    /// <summary>The successor was found, but the budget does not cover it whole.</summary>
    Budget,

    /// <summary><c>Cpu.Fault</c> is to be delivered; RIP is the faulting instruction.</summary>
    Fault,

    /// <summary>The instruction retired and something outside the block changed: interrupts, mode, lines, a trap.</summary>
    Boundary,
}
