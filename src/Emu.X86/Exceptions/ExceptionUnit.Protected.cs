using Emu.X86.Segmentation;
using Emu.X86.State;

namespace Emu.X86.Exceptions;

/// <content>Delivery in protected and virtual-8086 mode through 8-byte gates (SDM 3A 6.12, 3B 20.3).</content>
public sealed unsafe partial class ExceptionUnit
{
    private const int GateTask = 5;

    private bool TryDeliverProtected(in InterruptEvent interrupt)
    {
        ulong offset = (ulong)interrupt.Vector * 8;
        if (offset + 7 > _cpu->State.Idtr.Limit)
            return Fail(Vector.Gp, interrupt.GateError);
        if (!Mmu.TryReadSystem((uint)(_cpu->State.Idtr.Base + offset), out ulong raw))
            return false;
        var gate = new Descriptor(raw);
        if (gate.IsCodeOrData || gate.Type is not (GateTask or 6 or 7 or GateInterrupt or GateTrap))
            return Fail(Vector.Gp, interrupt.GateError);
        if (interrupt.Software && gate.Dpl < _cpu->State.Cpl)
            return Fail(Vector.Gp, interrupt.GateError);
        if (!gate.IsPresent)
            return Fail(Vector.Np, interrupt.GateError);
        return gate.Type == GateTask ? TryDeliverTask(in interrupt, gate) : TryDeliverGate(in interrupt, gate);
    }

    private bool TryDeliverGate(in InterruptEvent interrupt, Descriptor gate)
    {
        uint external = interrupt.External;
        ushort selector = gate.GateSelector;
        uint error = SegmentUnit.ErrorOf(selector) | external;
        if (SegmentUnit.IsNull(selector))
            return Fail(Vector.Gp, external);
        if (!Segments.TryRead(selector, Vector.Gp, external, out Descriptor code, out ulong address))
            return false;
        int cpl = _cpu->State.Cpl;
        bool fromVirtual = (_cpu->State.Rflags & Rflags.Vm) != 0;
        if (!code.IsCode || code.Dpl > cpl || (fromVirtual && (code.IsConforming || code.Dpl != 0)))
            return Fail(Vector.Gp, error);
        if (!code.IsPresent)
            return Fail(Vector.Np, error);
        int newCpl = code.IsConforming ? cpl : code.Dpl;
        int size = (gate.Type & 8) != 0 ? 4 : 2;
        ulong target = size == 4 ? gate.GateOffset : gate.GateOffset & 0xFFFF;
        InnerStack stack;
        if (newCpl == cpl)
            stack = InnerStack.Current(_cpu);
        else if (!InnerStack.TryOpen(_cpu, newCpl, external, out stack))
            return false;
        if (!TryPushFrame(in interrupt, ref stack, size, newCpl != cpl, fromVirtual))
            return false;
        if (target > code.Limit)
            return Fail(Vector.Gp, external);
        if (!Segments.TrySetAccessed(ref code, address))
            return false;

        stack.Commit(_cpu);
        if (fromVirtual)
            DropVirtualSegments();
        _cpu->State.Segments[(int)SegmentIndex.Cs] = code.ToRegister((ushort)((selector & ~3) | newCpl));
        bool clearsIf = (gate.Type & 1) == 0;
        Arrive(in interrupt, target, newCpl, clearsIf ? Rflags.If : 0);
        return true;
    }

    private bool TryPushFrame(in InterruptEvent interrupt, ref InnerStack stack, int size, bool inner, bool fromVirtual)
    {
        ulong* words = stackalloc ulong[10];
        int count = 0;
        if (interrupt.HasError)
            words[count++] = interrupt.ErrorCode;
        words[count++] = interrupt.ReturnRip;
        words[count++] = _cpu->State.Segments[(int)SegmentIndex.Cs].Selector;
        words[count++] = interrupt.Flags;
        if (inner)
        {
            words[count++] = *_cpu->Gpr(GeneralRegister.Rsp);
            words[count++] = _cpu->State.Segments[(int)SegmentIndex.Ss].Selector;
        }

        if (fromVirtual)
        {
            words[count++] = _cpu->State.Segments[(int)SegmentIndex.Es].Selector;
            words[count++] = _cpu->State.Segments[(int)SegmentIndex.Ds].Selector;
            words[count++] = _cpu->State.Segments[(int)SegmentIndex.Fs].Selector;
            words[count++] = _cpu->State.Segments[(int)SegmentIndex.Gs].Selector;
        }

        return stack.TryPush(_cpu, words, count, size, interrupt.External);
    }

    private void DropVirtualSegments()
    {
        _cpu->State.Segments[(int)SegmentIndex.Es] = Descriptor.Null(0);
        _cpu->State.Segments[(int)SegmentIndex.Ds] = Descriptor.Null(0);
        _cpu->State.Segments[(int)SegmentIndex.Fs] = Descriptor.Null(0);
        _cpu->State.Segments[(int)SegmentIndex.Gs] = Descriptor.Null(0);
    }

    private bool TryDeliverTask(in InterruptEvent interrupt, Descriptor gate)
    {
        ushort selector = gate.GateSelector;
        uint external = interrupt.External;
        if (SegmentUnit.IsNull(selector))
            return Fail(Vector.Gp, external);
        if (!Segments.TryRead(selector, Vector.Gp, external, out Descriptor tss, out ulong address))
            return false;
        TaskSwitchOutcome outcome = _processor.Tasks.Switch(selector, tss, address, TaskSwitchKind.Interrupt, interrupt.ReturnRip, external);
        if (outcome != TaskSwitchOutcome.Done)
            return false;
        _cpu->State.InterruptShadow = 0;
        SuppressTrap();
        if (!interrupt.HasError)
            return true;
        InnerStack stack = InnerStack.Current(_cpu);
        ulong error = interrupt.ErrorCode;
        if (!stack.TryPush(_cpu, &error, 1, (tss.Type & 8) != 0 ? 4 : 2, external))
            return false;
        stack.Commit(_cpu);
        return true;
    }
}
