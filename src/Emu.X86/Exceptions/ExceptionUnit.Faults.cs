using Emu.Core.Machine;
using Emu.X86.State;

namespace Emu.X86.Exceptions;

/// <content>Exceptions, and exceptions in the delivery of exceptions (SDM 3A 6.15, interrupt 8, table 6-5).</content>
public sealed unsafe partial class ExceptionUnit
{
    /// <summary>
    /// So many exceptions in a row without a retired instruction end the run for good. Exceptions take no time, so that a handler whose first instruction
    /// faults again (on a stack of the interrupt stack table, say) would never reach a deadline. Chains that end by themselves,
    /// because every frame takes stack, are far shorter in any kernel.
    /// </summary>
    public const int LongestFaultChain = 1 << 20;

    /// <summary>How two exceptions combine.</summary>
    private enum FaultClass
    {
        Benign,
        Contributory,
        PageFault,
        DoubleFault,
    }

    /// <summary>Delivers <see cref="Cpu.Fault"/>; RipBase is the faulting instruction (or, for a trap, the next one).</summary>
    /// <returns><see cref="RunExit.Deadline"/> to go on, <see cref="RunExit.TripleFault"/>, <see cref="RunExit.FaultLoop"/>, or <see cref="RunExit.Strict"/> once the exception is delivered.</returns>
    internal RunExit Deliver(bool trap = false)
    {
        Fault fault = _cpu->Fault;
        while (true)
        {
            Note(in fault);
            ulong flags = _cpu->RflagsValue;
            if (!trap && !IsTrap(fault.Vector))
                flags |= Rflags.Rf; // SDM 3B 17.3.1.1: a fault pushes RF set, so that its instruction can be restarted past a breakpoint
            var exception = new InterruptEvent((byte)fault.Vector, Software: false, HasErrorCode(fault.Vector), fault.ErrorCode, _cpu->RipBase, flags, Now);
            if (TryDeliver(in exception))
                return Delivered();

            Fault nested = _cpu->Fault;
            FaultClass first = ClassOf(fault.Vector);
            FaultClass second = ClassOf(nested.Vector);
            trap = false;
            if (first == FaultClass.DoubleFault)
            {
                _cpu->State.Halted = Shutdown;
                _cpu->State.InterruptShadow = 0;
                return RunExit.TripleFault;
            }

            bool twice = (first == FaultClass.Contributory && second == FaultClass.Contributory)
                || (first == FaultClass.PageFault && second is FaultClass.Contributory or FaultClass.PageFault);
            if (twice && second == FaultClass.PageFault)
                _cpu->State.Cr2 = nested.Address;
            fault = twice ? new Fault(Vector.Df) : nested;
        }
    }

    private RunExit Delivered()
    {
        // Every retired instruction takes a tick: equal ticks mean that none retired, however the run was cut.
        _cpu->State.ExceptionsAtTick = _cpu->State.ExceptionTick == Now ? _cpu->State.ExceptionsAtTick + 1 : 1;
        _cpu->State.ExceptionTick = Now;
        if (_cpu->State.ExceptionsAtTick >= LongestFaultChain)
        {
            _cpu->State.Halted = FaultLoop;
            return RunExit.FaultLoop;
        }

        return _processor.Strict && _processor.Report.TakeNews() ? RunExit.Strict : RunExit.Deadline;
    }

    /// <summary>What an exception leaves behind before its delivery: CR2, DR6.</summary>
    private void Note(in Fault fault)
    {
        if (fault.Vector == Vector.Pf)
        {
            _cpu->State.Cr2 = fault.Address;
        }
        else if (fault.Vector == Vector.Db)
        {
            _cpu->State.Dr6 |= fault.Address;
            if ((_cpu->State.Dr7 & GeneralDetect) != 0)
                _cpu->State.Dr7 &= ~GeneralDetect; // SDM 3B 17.2.4: cleared on entry to the handler
        }
    }

    private static bool IsTrap(Vector vector) => vector is Vector.Bp or Vector.Of or Vector.Nmi or Vector.Df or Vector.Mc;

    private static bool HasErrorCode(Vector vector)
        => vector is Vector.Df or Vector.Ts or Vector.Np or Vector.Ss or Vector.Gp or Vector.Pf or Vector.Ac;

    private static FaultClass ClassOf(Vector vector) => vector switch
    {
        Vector.De or Vector.Ts or Vector.Np or Vector.Ss or Vector.Gp => FaultClass.Contributory,
        Vector.Pf => FaultClass.PageFault,
        Vector.Df => FaultClass.DoubleFault,
        _ => FaultClass.Benign,
    };
}
