using Emu.X86.Exceptions;
using Emu.X86.Paging;
using Emu.X86.State;

namespace Emu.X86.Segmentation;

/// <summary>Descriptor tables and loads of segment registers, with every check of SDM 3A 5.5 to 5.9. False always means: the fault is recorded.</summary>
public sealed unsafe class SegmentUnit
{
    private readonly X86Processor _processor;
    private readonly Cpu* _cpu;

    internal SegmentUnit(X86Processor processor, Cpu* cpu)
    {
        _processor = processor;
        _cpu = cpu;
    }

    private Mmu Mmu => _processor.Mmu;

    /// <summary>Error code that names a selector.</summary>
    internal static uint ErrorOf(ushort selector) => selector & 0xFFFCu;

    /// <summary>Null: index 0 of the GDT, whatever its RPL.</summary>
    internal static bool IsNull(ushort selector) => (selector & 0xFFFC) == 0;

    /// <summary>Records a fault.</summary>
    /// <returns>False, to be returned.</returns>
    internal bool Fail(Vector vector, uint errorCode = 0)
    {
        _cpu->Fault = new Fault(vector, errorCode);
        return false;
    }

    /// <summary>Reads the descriptor a selector names.</summary>
    /// <param name="outside">Raised with the selector when it lies outside its table.</param>
    /// <param name="external">The EXT bit, while an event is being delivered.</param>
    internal bool TryRead(ushort selector, Vector outside, uint external, out Descriptor descriptor, out ulong address)
    {
        ulong tableBase;
        ulong limit;
        if ((selector & 4) == 0)
        {
            tableBase = _cpu->State.Gdtr.Base;
            limit = _cpu->State.Gdtr.Limit;
        }
        else
        {
            ref SegmentRegister ldtr = ref _cpu->State.Segments[(int)SegmentIndex.Ldtr];
            tableBase = ldtr.Base;
            limit = (ldtr.Attributes & SegmentAttributes.Unusable) != 0 ? 0 : ldtr.Limit;
        }

        descriptor = default;
        address = tableBase + (selector & 0xFFF8u);
        if ((selector | 7u) > limit)
            return Fail(outside, ErrorOf(selector) | external);
        if (!Mmu.TryReadSystem(address, out ulong raw))
            return false;
        descriptor = new Descriptor(raw);
        return true;
    }

    /// <summary>Sets the accessed bit of a code or data descriptor in memory, if it is clear.</summary>
    internal bool TrySetAccessed(ref Descriptor descriptor, ulong address)
    {
        if ((descriptor.Raw & (1UL << 40)) != 0)
            return true;
        descriptor = new Descriptor(descriptor.Raw | (1UL << 40));
        return Mmu.TryWriteSystem(address + 5, (byte)(descriptor.Raw >> 40));
    }

    /// <summary>MOV, POP or LxS to ES, SS, DS, FS or GS.</summary>
    internal bool TryLoad(SegmentIndex index, ushort selector)
    {
        if (!TryForm(index, selector, _cpu->State.Cpl, out SegmentRegister loaded))
            return false;
        _cpu->State.Segments[(int)index] = loaded;
        return true;
    }

    /// <summary>As <see cref="TryLoad"/>, but only forms the new contents.</summary>
    internal bool TryForm(SegmentIndex index, ushort selector, int cpl, out SegmentRegister loaded)
    {
        if (_cpu->IsRealOrVirtual)
        {
            loaded = RealOrVirtual(index, selector);
            return true;
        }

        loaded = default;
        bool stack = index == SegmentIndex.Ss;
        if (IsNull(selector))
        {
            if (stack && !(_cpu->Is64Bit && cpl < 3 && (selector & 3) == cpl))
                return Fail(Vector.Gp);
            loaded = Descriptor.Null(selector);
            return true;
        }

        if (!TryRead(selector, Vector.Gp, 0, out Descriptor descriptor, out ulong address))
            return false;
        int rpl = selector & 3;
        bool allowed = stack
            ? descriptor.IsWritableData && descriptor.Dpl == cpl && rpl == cpl
            : descriptor.IsReadable && (descriptor.IsConforming || (rpl <= descriptor.Dpl && cpl <= descriptor.Dpl));
        if (!allowed)
            return Fail(Vector.Gp, ErrorOf(selector));
        if (!descriptor.IsPresent)
            return Fail(stack ? Vector.Ss : Vector.Np, ErrorOf(selector));
        if (!TrySetAccessed(ref descriptor, address))
            return false;
        loaded = descriptor.ToRegister(selector);
        return true;
    }

    /// <summary>SS for a stack that a switch to <paramref name="cpl"/> selects (SDM 3A 5.8.5): everything wrong is <paramref name="wrong"/>, except absence.</summary>
    internal bool TryFormStack(ushort selector, int cpl, Vector wrong, uint external, out SegmentRegister loaded)
    {
        loaded = default;
        uint error = ErrorOf(selector) | external;
        if (IsNull(selector))
            return Fail(wrong, external);
        if (!TryRead(selector, wrong, external, out Descriptor descriptor, out ulong address))
            return false;
        if ((selector & 3) != cpl || descriptor.Dpl != cpl || !descriptor.IsWritableData)
            return Fail(wrong, error);
        if (!descriptor.IsPresent)
            return Fail(Vector.Ss, error);
        if (!TrySetAccessed(ref descriptor, address))
            return false;
        loaded = descriptor.ToRegister(selector);
        return true;
    }

    /// <summary>The inner stack pointer for a privilege level: 64-bit (also IST entries, as <paramref name="slot"/> 4 to 10) from the TSS.</summary>
    internal bool TryStackPointer64(int slot, uint external, out ulong rsp)
    {
        ref SegmentRegister tr = ref _cpu->State.Segments[(int)SegmentIndex.Tr];
        ulong offset = 4 + (8 * (ulong)slot);
        rsp = 0;
        if (offset + 7 > tr.Limit)
            return Fail(Vector.Ts, ErrorOf(tr.Selector) | external);
        return Mmu.TryReadSystem(tr.Base + offset, out rsp);
    }

    /// <summary>The inner SS:ESP for a privilege level from a 16- or 32-bit TSS.</summary>
    internal bool TryStackPointer32(int cpl, uint external, out ushort selector, out uint esp)
    {
        ref SegmentRegister tr = ref _cpu->State.Segments[(int)SegmentIndex.Tr];
        bool wide = ((int)tr.Attributes & 8) != 0;
        uint offset = wide ? 4 + (8 * (uint)cpl) : 2 + (4 * (uint)cpl);
        selector = 0;
        esp = 0;
        if (offset + (wide ? 5u : 3u) > tr.Limit)
            return Fail(Vector.Ts, ErrorOf(tr.Selector) | external);
        if (wide)
            return Mmu.TryReadSystem((uint)(tr.Base + offset), out esp) && Mmu.TryReadSystem((uint)(tr.Base + offset + 4), out selector);
        bool ok = Mmu.TryReadSystem((uint)(tr.Base + offset), out ushort sp) && Mmu.TryReadSystem((uint)(tr.Base + offset + 2), out selector);
        esp = sp;
        return ok;
    }

    /// <summary>LLDT.</summary>
    internal bool TryLoadLdt(ushort selector)
    {
        if (IsNull(selector))
        {
            _cpu->State.Segments[(int)SegmentIndex.Ldtr] = Descriptor.Null(selector);
            return true;
        }

        if (!TryReadSystemSegment(selector, out Descriptor descriptor, out ulong high, out _))
            return false;
        if (descriptor.IsCodeOrData || descriptor.Type != 2)
            return Fail(Vector.Gp, ErrorOf(selector));
        if (!descriptor.IsPresent)
            return Fail(Vector.Np, ErrorOf(selector));
        SetSystemSegment(SegmentIndex.Ldtr, selector, descriptor, high);
        return true;
    }

    /// <summary>LTR: marks the TSS busy.</summary>
    internal bool TryLoadTask(ushort selector)
    {
        if (IsNull(selector))
            return Fail(Vector.Gp);
        if (!TryReadSystemSegment(selector, out Descriptor descriptor, out ulong high, out ulong address))
            return false;
        bool longMode = (_cpu->State.Efer & ControlBits.EferLma) != 0;
        if (descriptor.IsCodeOrData || !(descriptor.Type == 9 || (descriptor.Type == 1 && !longMode)))
            return Fail(Vector.Gp, ErrorOf(selector));
        if (!descriptor.IsPresent)
            return Fail(Vector.Np, ErrorOf(selector));
        descriptor = new Descriptor(descriptor.Raw | (1UL << 41));
        if (!Mmu.TryWriteSystem(address + 5, (byte)(descriptor.Raw >> 40)))
            return false;
        SetSystemSegment(SegmentIndex.Tr, selector, descriptor, high);
        return true;
    }

    /// <summary>Data segments that an outer privilege level may not keep become null (SDM 3A 5.8.6).</summary>
    internal void DropInnerSegments(int cpl)
    {
        for (int i = (int)SegmentIndex.Es; i <= (int)SegmentIndex.Gs; i++)
        {
            if (i is (int)SegmentIndex.Cs or (int)SegmentIndex.Ss)
                continue;
            ref SegmentRegister segment = ref _cpu->State.Segments[i];
            const SegmentAttributes conforming = SegmentAttributes.Code | SegmentAttributes.ExpandDownOrConforming;
            if ((segment.Attributes & SegmentAttributes.Unusable) == 0 && segment.Dpl < cpl && (segment.Attributes & conforming) != conforming)
                segment = Descriptor.Null(0);
        }
    }

    private SegmentRegister RealOrVirtual(SegmentIndex index, ushort selector)
    {
        SegmentRegister loaded = _cpu->State.Segments[(int)index];
        if ((_cpu->State.Rflags & Rflags.Vm) != 0 || (loaded.Attributes & SegmentAttributes.Unusable) != 0)
            return Descriptor.Virtual(selector);

        // Real mode keeps limit and attributes ("unreal mode").
        loaded.Selector = selector;
        loaded.Base = (ulong)selector << 4;
        return loaded;
    }

    private bool TryReadSystemSegment(ushort selector, out Descriptor descriptor, out ulong high, out ulong address)
    {
        high = 0;
        descriptor = default;
        address = 0;
        bool longMode = (_cpu->State.Efer & ControlBits.EferLma) != 0;
        if ((selector & 4) != 0 || (longMode && (selector | 7u) + 8 > _cpu->State.Gdtr.Limit))
            return Fail(Vector.Gp, ErrorOf(selector));
        if (!TryRead(selector, Vector.Gp, 0, out descriptor, out address))
            return false;
        return !longMode || Mmu.TryReadSystem(address + 8, out high);
    }

    private void SetSystemSegment(SegmentIndex index, ushort selector, Descriptor descriptor, ulong high)
    {
        SegmentRegister loaded = descriptor.ToRegister(selector);
        loaded.Base |= high << 32;
        _cpu->State.Segments[(int)index] = loaded;
    }
}
