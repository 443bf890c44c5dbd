using Emu.Core.State;

namespace Emu.Core.Machine;

/// <summary>What a machine asks of its processor.</summary>
public interface IProcessor : IDevice
{
    /// <summary>Instructions retired since power-on (a faulting instruction counts 0, a REP iteration 1).</summary>
    ulong InstructionCount { get; }

    /// <summary>
    /// Runs from <c>clock.Now</c> until <c>clock.Now</c> equals <paramref name="deadline"/> at an instruction boundary, or until something the
    /// machine must look at has happened. Any access to the bus ends the run after the instruction that made it, since it may have changed
    /// lines or the next event. Interrupts are taken at the start of a run and whenever the guest enables them.
    /// </summary>
    RunExit Run(ulong deadline);

    /// <summary>Drops everything that can be recomputed: TLBs, decoded blocks, host code.</summary>
    void DropCaches();

    /// <summary>Drops what was derived from page tables and state: TLBs and remembered branch targets. Decoded blocks, which belong to bytes of RAM, stay.</summary>
    void DropTranslations();

    /// <summary>INIT: power-on state except for what INIT keeps (SDM 3A, table 10-1).</summary>
    void Init();

    /// <summary>In HLT (or shut down): no instruction runs until an interrupt comes.</summary>
    bool Halted { get; }

    /// <summary>Current privilege level, 0 to 3.</summary>
    int Cpl { get; }

    /// <summary>RFLAGS.IF: maskable interrupts are taken, and end HLT.</summary>
    bool InterruptsEnabled { get; }

    /// <summary>An NMI is being handled, until IRET: another one waits, and does not end HLT.</summary>
    bool NmiBlocked { get; }

    /// <summary>
    /// The last tick at which the processor was in user mode (CPL 3) or in HLT: <c>clock.Now</c> while it is in either; otherwise the tick at
    /// which it left them, kept in its state (written when CPL goes from 3 to less and when HLT ends). 0 until the first time.
    /// The watchdog compares exactly this with the clock.
    /// </summary>
    ulong LastUserOrIdleTick { get; }

    /// <summary>The tick at which the processor last left user mode or HLT, also while it is in one of them; 0 until the first time.</summary>
    ulong LastLeftTick { get; }

    /// <summary>There is a register of that number that can be set from outside.</summary>
    bool HasRegister(int number);

    /// <summary>Sets a register between instructions.</summary>
    /// <param name="number">One for which <see cref="HasRegister"/> holds.</param>
    /// <param name="value">The value.</param>
    void SetRegister(int number, ulong value);
}
