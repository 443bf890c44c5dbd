using Emu.Core.Irq;
using Emu.Core.Machine;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>
/// x87 exceptions while CR0.NE is clear. The instruction that would wait asserts FERR#, which the board turns into IRQ 13, and the processor stands still before it until an
/// interrupt comes. With IGNNE# asserted, as from inside that interrupt's handler, it runs instead. FERR# is asserted no longer than ES is set. SDM 3A 2.5 (NE) and SDM 1, 8.7.
/// </summary>
internal static unsafe class FloatErrorPins
{
    /// <summary>An unmasked exception is pending and a waiting instruction comes.</summary>
    internal static Op* Report(Cpu* cpu, Op* op)
    {
        X86Processor processor = cpu->Processor;
        ICoprocessorPins? pins = processor.Coprocessor;
        if (pins is { IgnoreNumericError: true })
            return RunIgnoring(cpu, op);
        processor.EnterBus(op);
        pins?.SetFloatError(true);
        cpu->InterruptPending = processor.Apic.Pending;
        cpu->State.Halted = 1;
        return Leave.Before(cpu, op, RunExit.Bus);
    }

    /// <summary>ES is clear, or CR0.NE set: FERR# goes, and with it IGNNE#.</summary>
    internal static void Release(Cpu* cpu)
    {
        if ((cpu->State.Cr0 & ControlBits.Cr0Ne) == 0)
            cpu->Processor.Coprocessor?.SetFloatError(false);
    }

    /// <summary>Runs one instruction as if nothing were pending; what it leaves unmasked is pending again afterwards.</summary>
    private static Op* RunIgnoring(Cpu* cpu, Op* op)
    {
        cpu->State.Fsw &= unchecked((ushort)~(X87Unit.ErrorSummary | X87Unit.Busy));
        bool finished = cpu->Processor.RunOne(op);
        X87Unit.RefreshSummary(cpu);
        return finished ? Leave.Next(cpu, op) : null;
    }
}
