using Emu.Core.Machine;
using Emu.X86.Paging;
using Emu.X86.Segmentation;
using Emu.X86.State;

namespace Emu.X86.Exceptions;

/// <summary>
/// Delivery of exceptions and interrupts at instruction boundaries (SDM 3A chapter 6). Members live where the concept lives:
/// <c>Faults</c> double and triple faults, <c>LongMode</c>, <c>Protected</c> and <c>RealMode</c> the gates, <c>Debug</c> breakpoints and single step.
/// </summary>
public sealed unsafe partial class ExceptionUnit
{
    /// <summary>Value of <see cref="CpuState.Halted"/> after a triple fault.</summary>
    internal const byte Shutdown = 2;

    /// <summary>Value of <see cref="CpuState.Halted"/> after <see cref="LongestFaultChain"/> exceptions in a row.</summary>
    internal const byte FaultLoop = 3;

    private const byte ShadowOfSs = 2;

    private readonly X86Processor _processor;
    private readonly Cpu* _cpu;

    internal ExceptionUnit(X86Processor processor, Cpu* cpu)
    {
        _processor = processor;
        _cpu = cpu;
    }

    private Mmu Mmu => _processor.Mmu;

    private SegmentUnit Segments => _processor.Segments;

    /// <summary>The tick of the current instruction boundary.</summary>
    private ulong Now => _cpu->Deadline - (ulong)_cpu->Budget;

    /// <summary>At a boundary with something pending: wakes from HLT, takes debug traps, NMI, then an external interrupt (SDM 3A, table 6-2).</summary>
    /// <returns>False when the run must end with <paramref name="exit"/>: halted with nothing deliverable, a triple fault, or a fault loop.</returns>
    internal bool ServiceEvents(out RunExit exit)
    {
        exit = RunExit.Deadline;
        if (_cpu->State.Halted >= Shutdown)
        {
            exit = _cpu->State.Halted == Shutdown ? RunExit.TripleFault : RunExit.FaultLoop;
            return false;
        }

        while (TryTakeEvent(out byte vector, out bool debug))
        {
            Wake();
            if (debug)
                RaiseDebugTrap();
            else
                exit = DeliverInterrupt(vector);
            if (debug)
                exit = Deliver(trap: true);
            if (exit != RunExit.Deadline)
                return false;
        }

        if (_cpu->State.Halted == 0)
            return true;
        exit = RunExit.Halted;
        return false;
    }

    private bool TryTakeEvent(out byte vector, out bool debug)
    {
        byte shadow = _cpu->State.InterruptShadow;
        vector = 0;
        debug = _cpu->State.PendingDebug != 0 && (shadow & ShadowOfSs) == 0;
        if (debug)
            return true;
        if (_cpu->State.NmiBlocked == 0 && (shadow & ShadowOfSs) == 0 && _processor.Apic.NmiPending && _processor.Apic.TakeNmi())
        {
            _cpu->State.NmiBlocked = 1;
            vector = (byte)Vector.Nmi;
            return true;
        }

        if (!_cpu->InterruptPending || shadow != 0 || (_cpu->State.Rflags & Rflags.If) == 0)
            return false;
        vector = _processor.Apic.Acknowledge();
        _cpu->InterruptPending = _processor.Apic.Pending;
        return true;
    }

    /// <summary>HLT ends; from here on the processor was last idle.</summary>
    private void Wake()
    {
        if (_cpu->State.Halted == 0)
            return;
        _cpu->State.Halted = 0;
        _cpu->State.LastUserOrIdleTick = Now;
    }

    private RunExit DeliverInterrupt(byte vector)
    {
        var interrupt = new InterruptEvent(vector, Software: false, HasError: false, 0, _cpu->RipBase, _cpu->RflagsValue, Now);
        return TryDeliver(in interrupt) ? RunExit.Deadline : Deliver();
    }

    /// <summary>Goes through the IDT; on success state, RIP and mode are the handler's.</summary>
    /// <returns>False when the delivery itself faults: recorded, nothing visible has changed.</returns>
    internal bool TryDeliver(in InterruptEvent interrupt)
    {
        if ((_cpu->State.Efer & ControlBits.EferLma) != 0)
            return TryDeliverLong(in interrupt);
        return (_cpu->State.Cr0 & ControlBits.Cr0Pe) != 0 ? TryDeliverProtected(in interrupt) : TryDeliverReal(in interrupt);
    }

    /// <summary>Common end of every delivery: flags, CPL, RIP, mode.</summary>
    private void Arrive(in InterruptEvent interrupt, ulong rip, int cpl, ulong cleared)
    {
        if (_cpu->State.Cpl == 3 && cpl < 3)
            _cpu->State.LastUserOrIdleTick = interrupt.Tick;
        _cpu->State.Rflags &= ~(cleared | Rflags.Tf | Rflags.Nt | Rflags.Rf | Rflags.Vm);
        _cpu->State.Cpl = (byte)cpl;
        _cpu->State.InterruptShadow = 0;
        _cpu->RipBase = rip;
        _trapSuppressed = true;
        _processor.ModeChanged();
        _processor.OnArrived(in interrupt);
    }

    private bool Fail(Vector vector, uint errorCode) => Segments.Fail(vector, errorCode);
}
