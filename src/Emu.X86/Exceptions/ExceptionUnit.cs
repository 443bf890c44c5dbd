using Emu.Core.Machine;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Exceptions;

/// <summary>Delivery of exceptions and interrupts at instruction boundaries (SDM 3A chapter 6): priorities, gates, double and triple faults.</summary>
public sealed unsafe partial class ExceptionUnit
{
    private readonly X86Processor _processor;
    private readonly Cpu* _cpu;

    internal ExceptionUnit(X86Processor processor, Cpu* cpu)
    {
        _processor = processor;
        _cpu = cpu;
    }

    /// <summary>At a boundary with something pending: wakes from HLT, takes debug traps, NMI, then an external interrupt, by priority.</summary>
    /// <returns>False when the run must end with <paramref name="exit"/>: halted with nothing deliverable, or a triple fault.</returns>
    internal bool ServiceEvents(out RunExit exit)
    {
        exit = _cpu->State.Halted != 0 ? RunExit.Halted : RunExit.Deadline;
        return _cpu->State.Halted == 0;
    }

    /// <summary>Delivers <see cref="Cpu.Fault"/>; RipBase is the faulting instruction.</summary>
    /// <returns><see cref="RunExit.Deadline"/> to go on, or <see cref="RunExit.TripleFault"/>.</returns>
    internal RunExit Deliver() => RunExit.TripleFault;

    /// <summary>Before a single step: instruction breakpoints of DR7 unless RF is set.</summary>
    /// <returns>False when a fault is to be delivered instead of running the instruction.</returns>
    internal bool BeforeStep() => true;

    /// <summary>After a single step: the trap of TF (as it was before the instruction) and data breakpoints become pending.</summary>
    internal void AfterStep(bool trap, bool retired)
    {
        if (trap && retired)
            _cpu->State.PendingDebug |= 1u << 14;
    }

    /// <summary>Legacy modes: the whole block must lie below the limit of CS; otherwise the instruction that does not raises #GP.</summary>
    internal bool CheckCodeLimit(ulong rip, Block* block) => rip + block->Bytes - 1 <= _cpu->State.Segments[(int)SegmentIndex.Cs].Limit;
}
