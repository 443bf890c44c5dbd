using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Segmentation;
using Emu.X86.Semantics.Supervisor;
using Emu.X86.State;

namespace Emu.X86.Semantics.Control;

/// <summary>IRET, IRETD, IRETQ in every mode. SDM 2A, IRET; 3A 6.14.3; 3B 20.3.</summary>
internal static unsafe class InterruptReturn
{
    private const ulong FlagsOfAll = Rflags.Status | Rflags.Tf | Rflags.Df | Rflags.Nt;
    private const ulong FlagsOfWide = Rflags.Rf | Rflags.Ac | Rflags.Id;

    internal static void Add(RowBuilder rows)
    {
        rows.Add("Iretw", &Iret, access: Access.Stack, traits: RowTraits.EndsBlock);
        rows.Add("Iretd", &Iret, access: Access.Stack, traits: RowTraits.EndsBlock);
        rows.Add("Iretq", &Iretq, access: Access.Stack, traits: RowTraits.EndsBlock);
    }

    private static Op* Iretq(Cpu* cpu, Op* op)
    {
        if ((cpu->State.Rflags & Rflags.Nt) != 0)
            return Privilege.Protect(cpu, op);
        if (!Cpu.TryRead(cpu, op, *cpu->Gpr(GeneralRegister.Rsp), out ReturnFrame frame))
            return Leave.Fault(cpu, op);
        return Return(cpu, op, in frame, 8, hasStack: true);
    }

    private static Op* Iret(Cpu* cpu, Op* op)
    {
        int size = op->OperandSize;
        bool isProtected = cpu->IsProtected;
        if ((cpu->State.Rflags & Rflags.Vm) != 0 && Privilege.IoplOf(cpu) < 3)
            return Privilege.Protect(cpu, op);
        bool longMode = (cpu->State.Efer & ControlBits.EferLma) != 0;
        if (isProtected && (cpu->State.Rflags & Rflags.Nt) != 0)
            return longMode ? Privilege.Protect(cpu, op) : TaskTransfer.Return(cpu, op);

        ReturnFrame frame = default;
        var stack = new StackWalk(cpu, op);
        if (!stack.TryPop(size, out frame.Rip) || !stack.TryPop(size, out frame.Cs) || !stack.TryPop(size, out frame.Flags))
            return Leave.Fault(cpu, op);
        if (!isProtected)
            return ReturnReal(cpu, op, in frame, ref stack, size);
        if (!longMode && size == 4 && (frame.Flags & Rflags.Vm) != 0 && cpu->State.Cpl == 0)
            return ReturnToVirtual(cpu, op, in frame, ref stack);
        bool hasStack = cpu->Is64Bit || (int)(frame.Cs & 3) > cpu->State.Cpl;
        if (hasStack)
        {
            if (!stack.TryPop(size, out frame.Rsp) || !stack.TryPop(size, out frame.Ss))
                return Leave.Fault(cpu, op);
        }
        else
        {
            frame.Rsp = stack.Pointer;
        }

        return Return(cpu, op, in frame, size, hasStack);
    }

    private static Op* Return(Cpu* cpu, Op* op, in ReturnFrame frame, int size, bool hasStack)
    {
        ulong place = (cpu->State.Efer & ControlBits.EferLma) != 0 ? *cpu->Gpr(GeneralRegister.Rsp) : 0;
        ushort selector = (ushort)frame.Cs;
        int cpl = selector & 3;
        if (!FarTransfer.TryReturnCode(cpu, selector, frame.Rip, out SegmentRegister code))
            return Leave.Fault(cpu, op);
        bool fromLong = cpu->Is64Bit;
        bool toLong = FarTransfer.IsLong(cpu, in code);
        if (hasStack)
        {
            if (!FarTransfer.TryReturnStack(cpu, (ushort)frame.Ss, cpl, toLong, out SegmentRegister stack))
                return Leave.Fault(cpu, op);
            cpu->State.Segments[(int)SegmentIndex.Ss] = stack;
        }

        int old = cpu->State.Cpl;
        SetFlags(cpu, frame.Flags, size, old);
        cpu->State.Segments[(int)SegmentIndex.Cs] = code;
        if (hasStack)
            FarTransfer.SetStackPointer(cpu, frame.Rsp, toLong);
        else
            StackWalk.SetPointer(cpu, frame.Rsp, StackWalk.MaskOf(cpu));
        if (cpl > old)
            cpu->Processor.Segments.DropInnerSegments(cpl);
        if (fromLong && toLong)
            Privilege.SwitchLevel64(cpu, op, cpl);
        else
            FarTransfer.SetLevel(cpu, op, cpl);
        return Finish(cpu, op, frame.Rip, place);
    }

    /// <summary>NMIs may come again; only then must the boundary be looked at for their sake (SDM 3A 6.7.1).</summary>
    private static Op* Finish(Cpu* cpu, Op* op, ulong rip, ulong place = 0)
    {
        cpu->Processor.OnPassed(PassageKind.Return, op, rip, place);
        if (cpu->State.NmiBlocked == 0 && cpu->Is64Bit)
            return Privilege.GoTo(cpu, op, rip);
        cpu->State.NmiBlocked = 0;
        return Leave.Jump(cpu, op, rip);
    }

    private static void SetFlags(Cpu* cpu, ulong value, int size, int cpl)
    {
        ulong writable = FlagsOfAll;
        if (size >= 4)
            writable |= FlagsOfWide;
        if (cpl <= Privilege.IoplOf(cpu))
            writable |= Rflags.If;
        if (cpl == 0)
            writable |= Rflags.IoplMask | (size >= 4 ? Rflags.Vif | Rflags.Vip : 0);
        ulong flags = (cpu->RflagsValue & ~writable) | (value & writable);
        cpu->State.Rflags = flags;
        cpu->SetStatus(flags);
    }

    private static Op* ReturnReal(Cpu* cpu, Op* op, in ReturnFrame frame, ref StackWalk stack, int size)
    {
        ref SegmentRegister cs = ref cpu->State.Segments[(int)SegmentIndex.Cs];
        if (frame.Rip > cs.Limit)
            return Privilege.Protect(cpu, op);
        stack.Commit();
        cs.Selector = (ushort)frame.Cs;
        cs.Base = (ulong)cs.Selector << 4;
        bool virtualMode = (cpu->State.Rflags & Rflags.Vm) != 0;
        ulong iopl = cpu->State.Rflags & Rflags.IoplMask;
        SetFlags(cpu, frame.Flags, size, 0);
        if (virtualMode)
            cpu->State.Rflags = (cpu->State.Rflags & ~Rflags.IoplMask) | iopl;
        cpu->Processor.ModeChanged();
        return Finish(cpu, op, frame.Rip);
    }

    /// <summary>From ring 0 to virtual-8086 mode: ESP, SS, ES, DS, FS and GS follow on the stack (SDM 3B 20.2.5).</summary>
    private static Op* ReturnToVirtual(Cpu* cpu, Op* op, in ReturnFrame frame, ref StackWalk stack)
    {
        ulong* words = stackalloc ulong[6];
        for (int i = 0; i < 6; i++)
        {
            if (!stack.TryPop(4, out words[i]))
                return Leave.Fault(cpu, op);
        }

        if (frame.Rip > 0xFFFF)
            return Privilege.Protect(cpu, op);
        const ulong writable = FlagsOfAll | FlagsOfWide | Rflags.If | Rflags.IoplMask | Rflags.Vif | Rflags.Vip | Rflags.Vm;
        cpu->State.Rflags = (frame.Flags & writable) | Rflags.Fixed;
        cpu->SetStatus(frame.Flags);
        cpu->State.Segments[(int)SegmentIndex.Cs] = Descriptor.Virtual((ushort)frame.Cs);
        cpu->State.Segments[(int)SegmentIndex.Ss] = Descriptor.Virtual((ushort)words[1]);
        cpu->State.Segments[(int)SegmentIndex.Es] = Descriptor.Virtual((ushort)words[2]);
        cpu->State.Segments[(int)SegmentIndex.Ds] = Descriptor.Virtual((ushort)words[3]);
        cpu->State.Segments[(int)SegmentIndex.Fs] = Descriptor.Virtual((ushort)words[4]);
        cpu->State.Segments[(int)SegmentIndex.Gs] = Descriptor.Virtual((ushort)words[5]);
        *cpu->Gpr(GeneralRegister.Rsp) = (uint)words[0];
        FarTransfer.SetLevel(cpu, op, 3);
        return Finish(cpu, op, frame.Rip);
    }
}
