using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Semantics.Supervisor;
using Emu.X86.State;

namespace Emu.X86.Semantics.Control;

/// <summary>Far RET: same and outer privilege. SDM 2B, RET; 3A 5.8.6.</summary>
internal static unsafe class FarReturn
{
    internal static Op* Return(Cpu* cpu, Op* op)
    {
        int size = op->OperandSize;
        var stack = new StackWalk(cpu, op);
        if (!stack.TryPop(size, out ulong rip) || !stack.TryPop(size, out ulong cs))
            return Leave.Fault(cpu, op);
        ushort selector = (ushort)cs;
        if (!cpu->IsProtected)
            return ReturnReal(cpu, op, rip, selector, ref stack);
        stack.Release(op->Imm);
        if (!FarTransfer.TryReturnCode(cpu, selector, rip, out SegmentRegister code))
            return Leave.Fault(cpu, op);
        int cpl = selector & 3;
        bool toLong = FarTransfer.IsLong(cpu, in code);
        if (cpl == cpu->State.Cpl)
        {
            stack.Commit();
            cpu->State.Segments[(int)SegmentIndex.Cs] = code;
            cpu->Processor.ModeChanged();
            return Leave.Jump(cpu, op, rip);
        }

        if (!stack.TryPop(size, out ulong rsp) || !stack.TryPop(size, out ulong ss)
            || !FarTransfer.TryReturnStack(cpu, (ushort)ss, cpl, toLong, out SegmentRegister outer))
            return Leave.Fault(cpu, op);
        cpu->State.Segments[(int)SegmentIndex.Cs] = code;
        cpu->State.Segments[(int)SegmentIndex.Ss] = outer;
        FarTransfer.SetStackPointer(cpu, rsp + op->Imm, toLong);
        cpu->Processor.Segments.DropInnerSegments(cpl);
        FarTransfer.SetLevel(cpu, op, cpl);
        return Leave.Jump(cpu, op, rip);
    }

    private static Op* ReturnReal(Cpu* cpu, Op* op, ulong rip, ushort selector, ref StackWalk stack)
    {
        if (rip > cpu->State.Segments[(int)SegmentIndex.Cs].Limit)
            return Leave.Fault(cpu, op, Vector.Gp);
        stack.Release(op->Imm);
        stack.Commit();
        FarTransfer.SetRealCode(cpu, selector);
        return Leave.Jump(cpu, op, rip);
    }
}
