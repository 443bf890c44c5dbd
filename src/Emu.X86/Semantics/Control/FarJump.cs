using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Segmentation;
using Emu.X86.State;

namespace Emu.X86.Semantics.Control;

/// <summary>Far JMP: to code at the same privilege, through a call gate, to a task. SDM 2A, JMP; 3A 5.8.</summary>
internal static unsafe class FarJump
{
    internal static Op* Jump(Cpu* cpu, Op* op, ushort selector, ulong offset)
    {
        if (!cpu->IsProtected)
            return JumpReal(cpu, op, selector, offset);
        SegmentUnit segments = cpu->Processor.Segments;
        if (!FarTransfer.TryReadTarget(cpu, selector, out Descriptor descriptor, out ulong address))
            return Leave.Fault(cpu, op);
        if (!descriptor.IsCodeOrData)
        {
            if (FarTransfer.IsTask(cpu, descriptor))
                return TaskTransfer.Enter(cpu, op, selector, descriptor, address, TaskSwitchKind.Jump);
            if (!FarTransfer.TryReadCallGate(cpu, selector, descriptor, address, out CallGate gate))
                return Leave.Fault(cpu, op);
            if (!FarTransfer.TryReadGateCode(cpu, in gate, out descriptor, out address))
                return Leave.Fault(cpu, op);
            bool same = descriptor.IsConforming ? descriptor.Dpl <= cpu->State.Cpl : descriptor.Dpl == cpu->State.Cpl;
            if (!same)
                return Leave.Fault(cpu, op, Vector.Gp, SegmentUnit.ErrorOf(gate.Selector));
            selector = gate.Selector;
            offset = gate.Offset;
        }
        else if (!FarTransfer.TryCheckDirect(cpu, selector, descriptor))
        {
            return Leave.Fault(cpu, op);
        }

        if (!FarTransfer.TryLandInCode(cpu, selector, ref descriptor, address, offset))
            return Leave.Fault(cpu, op);
        cpu->State.Segments[(int)SegmentIndex.Cs] = descriptor.ToRegister((ushort)((selector & ~3) | cpu->State.Cpl));
        cpu->Processor.ModeChanged();
        return Leave.Jump(cpu, op, offset);
    }

    /// <summary>Real and virtual-8086 mode: the selector is the paragraph.</summary>
    private static Op* JumpReal(Cpu* cpu, Op* op, ushort selector, ulong offset)
    {
        ref SegmentRegister cs = ref cpu->State.Segments[(int)SegmentIndex.Cs];
        if (offset > cs.Limit)
            return Leave.Fault(cpu, op, Vector.Gp);
        FarTransfer.SetRealCode(cpu, selector);
        return Leave.Jump(cpu, op, offset);
    }
}
