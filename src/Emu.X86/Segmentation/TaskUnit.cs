using Emu.X86.Exceptions;
using Emu.X86.Paging;
using Emu.X86.State;

namespace Emu.X86.Segmentation;

/// <summary>Hardware task switches with 16- and 32-bit TSS (SDM 3A chapter 7). Absent in IA-32e mode.</summary>
internal sealed unsafe class TaskUnit
{
    private const ulong Busy = 1UL << 41;

    private readonly X86Processor _processor;
    private readonly Cpu* _cpu;

    internal TaskUnit(X86Processor processor, Cpu* cpu)
    {
        _processor = processor;
        _cpu = cpu;
    }

    private Mmu Mmu => _processor.Mmu;

    private SegmentUnit Segments => _processor.Segments;

    /// <summary>Switches to the task whose TSS descriptor was read.</summary>
    /// <param name="rip">EIP that the old task goes on at.</param>
    /// <param name="external">EXT, while an event is being delivered.</param>
    internal TaskSwitchOutcome Switch(ushort selector, Descriptor tss, ulong address, TaskSwitchKind kind, ulong rip, uint external)
    {
        if (!TryCheck(selector, tss, kind, external) || !TryReadImage(tss, out TaskImage image) || !TrySaveOld(rip, kind))
            return TaskSwitchOutcome.FaultBefore;
        if (!TryMark(tss, address, kind))
            return TaskSwitchOutcome.FaultBefore;
        if (kind is TaskSwitchKind.Call or TaskSwitchKind.Interrupt)
            image.Flags |= Rflags.Nt;
        LoadRegisters(selector, tss, in image);
        if (!TryLoadSegments(in image, external))
        {
            _processor.ModeChanged();
            return TaskSwitchOutcome.FaultAfter;
        }

        _processor.ModeChanged();
        if (image.Trap)
            _cpu->State.PendingDebug |= ExceptionUnit.Dr6TaskSwitch;
        return TaskSwitchOutcome.Done;
    }

    private static bool IsWide(Descriptor tss) => (tss.Type & 8) != 0;

    private bool TryCheck(ushort selector, Descriptor tss, TaskSwitchKind kind, uint external)
    {
        uint error = SegmentUnit.ErrorOf(selector) | external;
        bool back = kind == TaskSwitchKind.Return;
        bool busy = (tss.Type & 2) != 0;
        if ((selector & 4) != 0 || tss.IsCodeOrData || (tss.Type & 5) != 1 || busy != back)
            return Segments.Fail(back ? Vector.Ts : Vector.Gp, error);
        if (!tss.IsPresent)
            return Segments.Fail(Vector.Np, error);
        return tss.Limit >= (IsWide(tss) ? 103u : 43u) || Segments.Fail(Vector.Ts, error);
    }

    private bool TryReadImage(Descriptor tss, out TaskImage image)
    {
        image = default;
        image.Wide = IsWide(tss);
        uint at = tss.Base;
        bool ok = true;
        if (!image.Wide)
        {
            ok &= TryRead16(at + 14, out ushort ip) & TryRead16(at + 16, out ushort flags) & TryRead16(at + 42, out image.Ldt);
            image.Rip = ip;
            image.Flags = flags;
            for (uint i = 0; i < 8; i++)
            {
                ok &= TryRead16(at + 18 + (2 * i), out ushort value);
                image.Gpr[i] = 0xFFFF_0000 | value;
            }

            for (uint i = 0; i < 4; i++)
                ok = ok && TryRead16(at + 34 + (2 * i), out image.Segments[i]);
            return ok;
        }

        ok &= TryRead32(at + 28, out uint cr3) && TryRead32(at + 32, out uint eip) && TryRead32(at + 36, out uint eflags) && Take(ref image, cr3, eip, eflags);
        for (uint i = 0; i < 8; i++)
            ok = ok && TryRead32(at + 40 + (4 * i), out image.Gpr[i]);
        for (uint i = 0; i < TaskImage.Selectors; i++)
            ok = ok && TryRead16(at + 72 + (4 * i), out image.Segments[i]);
        ok = ok && TryRead16(at + 96, out image.Ldt) && TryRead16(at + 100, out ushort trap) && TakeTrap(ref image, trap);
        return ok;
    }

    private static bool Take(ref TaskImage image, uint cr3, uint eip, uint eflags)
    {
        image.Cr3 = cr3;
        image.Rip = eip;
        image.Flags = eflags;
        return true;
    }

    private static bool TakeTrap(ref TaskImage image, ushort trap)
    {
        image.Trap = (trap & 1) != 0;
        return true;
    }

    private bool TrySaveOld(ulong rip, TaskSwitchKind kind)
    {
        ref SegmentRegister tr = ref _cpu->State.Segments[(int)SegmentIndex.Tr];
        uint at = (uint)tr.Base;
        ulong flags = _cpu->RflagsValue;
        if (kind == TaskSwitchKind.Return)
            flags &= ~Rflags.Nt;
        bool wide = ((int)tr.Attributes & 8) != 0;
        uint size = wide ? 4u : 2u;
        uint first = wide ? 32u : 14u;
        uint segments = wide ? 72u : 34u;
        bool ok = TryWrite(at + first, rip, size) && TryWrite(at + first + size, flags, size);
        for (uint i = 0; i < 8; i++)
            ok = ok && TryWrite(at + first + (size * (2 + i)), _cpu->State.Gpr[i], size);
        for (uint i = 0; i < (wide ? 6 : 4); i++)
            ok = ok && TryWrite(at + segments + (size * i), _cpu->State.Segments[(int)i].Selector, 2);
        return ok;
    }

    /// <summary>Busy bits and the link back (SDM 3A, table 7-2).</summary>
    private bool TryMark(Descriptor tss, ulong address, TaskSwitchKind kind)
    {
        ref SegmentRegister tr = ref _cpu->State.Segments[(int)SegmentIndex.Tr];
        if (kind is TaskSwitchKind.Jump or TaskSwitchKind.Return)
        {
            ulong old = _cpu->State.Gdtr.Base + (tr.Selector & 0xFFF8u) + 5;
            if (!Mmu.TryReadSystem(old, out byte access) || !Mmu.TryWriteSystem(old, (byte)(access & ~2)))
                return false;
        }
        else if (!Mmu.TryWriteSystem(tss.Base, tr.Selector))
        {
            return false;
        }

        return kind == TaskSwitchKind.Return || Mmu.TryWriteSystem(address + 5, (byte)((tss.Raw | Busy) >> 40));
    }

    private void LoadRegisters(ushort selector, Descriptor tss, in TaskImage image)
    {
        _cpu->State.Segments[(int)SegmentIndex.Tr] = new Descriptor(tss.Raw | Busy).ToRegister(selector);
        _cpu->State.Cr0 |= ControlBits.Cr0Ts;
        bool paging = (_cpu->State.Cr0 & ControlBits.Cr0Pg) != 0;
        if (image.Wide && paging && image.Cr3 != _cpu->State.Cr3)
            Semantics.Supervisor.ControlUnit.TrySetCr3(_cpu, image.Cr3);
        for (int i = 0; i < 8; i++)
            _cpu->State.Gpr[i] = image.Gpr[i];
        ulong writable = image.Wide ? 0x3F_7FD7UL : 0x7FD7;
        _cpu->State.Rflags = (image.Flags & writable) | Rflags.Fixed;
        _cpu->SetStatus(image.Flags);
        _cpu->State.Dr7 &= ~0x55UL; // SDM 3B 17.2.4: local breakpoints end with the task
        _cpu->RipBase = image.Rip;
        if (_cpu->State.Cpl == 3 && (image.Segments[(int)SegmentIndex.Cs] & 3) < 3)
            _cpu->State.LastUserOrIdleTick = _cpu->Deadline - (ulong)_cpu->Budget;
        for (int i = 0; i < TaskImage.Selectors; i++)
            _cpu->State.Segments[i] = Descriptor.Null(image.Segments[i]);
    }

    private bool TryLoadSegments(in TaskImage image, uint external)
    {
        if (!TryLoadLdt(image.Ldt, external))
            return false;
        if ((_cpu->State.Rflags & Rflags.Vm) != 0)
        {
            for (int i = 0; i < TaskImage.Selectors; i++)
                _cpu->State.Segments[i] = Descriptor.Virtual(image.Segments[i]);
            _cpu->State.Cpl = 3;
            return true;
        }

        ushort cs = image.Segments[(int)SegmentIndex.Cs];
        int cpl = cs & 3;
        if (!TryLoadCode(cs, cpl, external))
            return false;
        _cpu->State.Cpl = (byte)cpl;
        if (!Segments.TryFormStack(image.Segments[(int)SegmentIndex.Ss], cpl, Vector.Ts, external, out SegmentRegister stack))
            return false;
        _cpu->State.Segments[(int)SegmentIndex.Ss] = stack;
        for (int i = 0; i < TaskImage.Selectors; i++)
        {
            if (i is (int)SegmentIndex.Cs or (int)SegmentIndex.Ss)
                continue;
            if (!Segments.TryLoad((SegmentIndex)i, image.Segments[i]))
                return AsTaskFault(external);
        }

        return _cpu->RipBase <= _cpu->State.Segments[(int)SegmentIndex.Cs].Limit || Segments.Fail(Vector.Gp, external);
    }

    /// <summary>What would be #GP for a MOV is #TS here (SDM 3A, table 7-1).</summary>
    private bool AsTaskFault(uint external)
    {
        Fault fault = _cpu->Fault;
        if (fault.Vector == Vector.Gp)
            _cpu->Fault = new Fault(Vector.Ts, fault.ErrorCode | external);
        return false;
    }

    private bool TryLoadLdt(ushort selector, uint external)
    {
        if (SegmentUnit.IsNull(selector))
        {
            _cpu->State.Segments[(int)SegmentIndex.Ldtr] = Descriptor.Null(selector);
            return true;
        }

        uint error = SegmentUnit.ErrorOf(selector) | external;
        if ((selector & 4) != 0)
            return Segments.Fail(Vector.Ts, error);
        if (!Segments.TryRead(selector, Vector.Ts, external, out Descriptor descriptor, out _))
            return false;
        if (descriptor.IsCodeOrData || descriptor.Type != 2 || !descriptor.IsPresent)
            return Segments.Fail(Vector.Ts, error);
        _cpu->State.Segments[(int)SegmentIndex.Ldtr] = descriptor.ToRegister(selector);
        return true;
    }

    private bool TryLoadCode(ushort selector, int cpl, uint external)
    {
        uint error = SegmentUnit.ErrorOf(selector) | external;
        if (SegmentUnit.IsNull(selector))
            return Segments.Fail(Vector.Ts, external);
        if (!Segments.TryRead(selector, Vector.Ts, external, out Descriptor code, out ulong address))
            return false;
        if (!code.IsCode || (code.IsConforming ? code.Dpl > cpl : code.Dpl != cpl))
            return Segments.Fail(Vector.Ts, error);
        if (!code.IsPresent)
            return Segments.Fail(Vector.Np, error);
        if (!Segments.TrySetAccessed(ref code, address))
            return false;
        _cpu->State.Segments[(int)SegmentIndex.Cs] = code.ToRegister(selector);
        return true;
    }

    private bool TryRead16(uint linear, out ushort value) => Mmu.TryReadSystem(linear, out value);

    private bool TryRead32(uint linear, out uint value) => Mmu.TryReadSystem(linear, out value);

    private bool TryWrite(uint linear, ulong value, uint size)
        => size == 4 ? Mmu.TryWriteSystem(linear, (uint)value) : Mmu.TryWriteSystem(linear, (ushort)value);
}
