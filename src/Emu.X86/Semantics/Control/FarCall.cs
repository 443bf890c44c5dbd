using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Segmentation;
using Emu.X86.Semantics.Supervisor;
using Emu.X86.State;

namespace Emu.X86.Semantics.Control;

/// <summary>Far CALL: same privilege, call gates to an inner level with their stack switch, tasks. SDM 2A, CALL; 3A 5.8.</summary>
internal static unsafe class FarCall
{
    internal static Op* Call(Cpu* cpu, Op* op, ushort selector, ulong offset)
    {
        if (!cpu->IsProtected)
            return CallReal(cpu, op, selector, offset);
        if (!FarTransfer.TryReadTarget(cpu, selector, out Descriptor descriptor, out ulong address))
            return Leave.Fault(cpu, op);
        int size = op->OperandSize;
        if (!descriptor.IsCodeOrData)
        {
            if (FarTransfer.IsTask(cpu, descriptor))
                return TaskTransfer.Enter(cpu, op, selector, descriptor, address, TaskSwitchKind.Call);
            if (!FarTransfer.TryReadCallGate(cpu, selector, descriptor, address, out CallGate gate)
                || !FarTransfer.TryReadGateCode(cpu, in gate, out descriptor, out address))
                return Leave.Fault(cpu, op);
            if (descriptor.Dpl > cpu->State.Cpl)
                return Leave.Fault(cpu, op, Vector.Gp, SegmentUnit.ErrorOf(gate.Selector));
            if (!descriptor.IsConforming && descriptor.Dpl < cpu->State.Cpl)
                return CallInner(cpu, op, in gate, descriptor, address);
            selector = gate.Selector;
            offset = gate.Offset;
            size = gate.Size;
        }
        else if (!FarTransfer.TryCheckDirect(cpu, selector, descriptor))
        {
            return Leave.Fault(cpu, op);
        }

        return CallSame(cpu, op, selector, offset, size, descriptor, address);
    }

    private static Op* CallSame(Cpu* cpu, Op* op, ushort selector, ulong offset, int size, Descriptor descriptor, ulong address)
    {
        var stack = new StackWalk(cpu, op);
        bool pushed = stack.TryPush(size, cpu->State.Segments[(int)SegmentIndex.Cs].Selector) && stack.TryPush(size, cpu->RipAfter(op));
        if (!pushed || !FarTransfer.TryLandInCode(cpu, selector, ref descriptor, address, offset))
            return Leave.Fault(cpu, op);
        stack.Commit();
        cpu->State.Segments[(int)SegmentIndex.Cs] = descriptor.ToRegister((ushort)((selector & ~3) | cpu->State.Cpl));
        cpu->Processor.ModeChanged();
        return Leave.Jump(cpu, op, offset);
    }

    /// <summary>Through a gate to a more privileged level: SS:RSP, parameters, CS:RIP go to the stack that the TSS names (SDM 3A 5.8.5).</summary>
    private static Op* CallInner(Cpu* cpu, Op* op, in CallGate gate, Descriptor code, ulong address)
    {
        int cpl = code.Dpl;
        bool longMode = (cpu->State.Efer & ControlBits.EferLma) != 0;
        InnerStack stack;
        bool opened = longMode ? InnerStack.TryOpen64(cpu, cpl, 0, 0, out stack) : InnerStack.TryOpen(cpu, cpl, 0, out stack);
        if (!opened)
            return Leave.Fault(cpu, op);
        ref SegmentRegister outer = ref cpu->State.Segments[(int)SegmentIndex.Ss];
        int count = 4 + gate.Parameters;
        ulong* words = stackalloc ulong[4 + 31];
        words[count - 1] = outer.Selector;
        words[count - 2] = *cpu->Gpr(GeneralRegister.Rsp) & StackWalk.MaskOf(cpu);
        var old = new StackWalk(cpu, op);
        for (int i = 0; i < gate.Parameters; i++)
        {
            if (!old.TryPop(gate.Size, out words[2 + i]))
                return Leave.Fault(cpu, op);
        }

        words[1] = cpu->State.Segments[(int)SegmentIndex.Cs].Selector;
        words[0] = cpu->RipAfter(op);
        if (!stack.TryPush(cpu, words, count, gate.Size, 0) || !FarTransfer.TryLandInCode(cpu, gate.Selector, ref code, address, gate.Offset))
            return Leave.Fault(cpu, op);
        stack.Commit(cpu);
        cpu->State.Segments[(int)SegmentIndex.Cs] = code.ToRegister((ushort)((gate.Selector & ~3) | cpl));
        FarTransfer.SetLevel(cpu, op, cpl);
        return Leave.Jump(cpu, op, gate.Offset);
    }

    private static Op* CallReal(Cpu* cpu, Op* op, ushort selector, ulong offset)
    {
        ref SegmentRegister cs = ref cpu->State.Segments[(int)SegmentIndex.Cs];
        if (offset > cs.Limit)
            return Leave.Fault(cpu, op, Vector.Gp);
        var stack = new StackWalk(cpu, op);
        if (!stack.TryPush(op->OperandSize, cs.Selector) || !stack.TryPush(op->OperandSize, cpu->RipAfter(op)))
            return Leave.Fault(cpu, op);
        stack.Commit();
        FarTransfer.SetRealCode(cpu, selector);
        return Leave.Jump(cpu, op, offset);
    }
}
