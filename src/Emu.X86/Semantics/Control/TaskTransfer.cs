using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Segmentation;
using Emu.X86.State;

namespace Emu.X86.Semantics.Control;

/// <summary>Far JMP and CALL to a TSS or a task gate, and the return by IRET with NT. SDM 3A 7.3, 7.4.</summary>
internal static unsafe class TaskTransfer
{
    /// <summary>Goes to the task a selector names, directly or through a task gate.</summary>
    internal static Op* Enter(Cpu* cpu, Op* op, ushort selector, Descriptor descriptor, ulong address, TaskSwitchKind kind)
    {
        if (descriptor.Dpl < cpu->State.Cpl || descriptor.Dpl < (selector & 3))
            return Leave.Fault(cpu, op, Vector.Gp, SegmentUnit.ErrorOf(selector));
        if (descriptor.Type == 5)
        {
            if (!descriptor.IsPresent)
                return Leave.Fault(cpu, op, Vector.Np, SegmentUnit.ErrorOf(selector));
            selector = descriptor.GateSelector;
            if (!FarTransfer.TryReadTarget(cpu, selector, out descriptor, out address))
                return Leave.Fault(cpu, op);
        }

        return Finish(cpu, op, cpu->Processor.Tasks.Switch(selector, descriptor, address, kind, cpu->RipAfter(op), 0));
    }

    /// <summary>IRET with NT set: back to the task in the link field.</summary>
    internal static Op* Return(Cpu* cpu, Op* op)
    {
        SegmentUnit segments = cpu->Processor.Segments;
        if (!cpu->Processor.Mmu.TryReadSystem((uint)cpu->State.Segments[(int)SegmentIndex.Tr].Base, out ushort selector))
            return Leave.Fault(cpu, op);
        if (SegmentUnit.IsNull(selector))
            return Leave.Fault(cpu, op, Vector.Ts);
        if (!segments.TryRead(selector, Vector.Ts, 0, out Descriptor descriptor, out ulong address))
            return Leave.Fault(cpu, op);
        TaskSwitchOutcome outcome = cpu->Processor.Tasks.Switch(selector, descriptor, address, TaskSwitchKind.Return, cpu->RipAfter(op), 0);
        if (outcome != TaskSwitchOutcome.FaultBefore)
            cpu->State.NmiBlocked = 0;
        return Finish(cpu, op, outcome);
    }

    private static Op* Finish(Cpu* cpu, Op* op, TaskSwitchOutcome outcome)
    {
        if (outcome == TaskSwitchOutcome.FaultBefore)
            return Leave.Fault(cpu, op);
        Op* left = Leave.Jump(cpu, op, cpu->RipBase);
        if (outcome == TaskSwitchOutcome.FaultAfter)
            cpu->Exit = Exit.Fault; // in the new task, before its first instruction
        return left;
    }
}
