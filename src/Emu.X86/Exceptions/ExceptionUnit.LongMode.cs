using Emu.X86.Paging;
using Emu.X86.Segmentation;
using Emu.X86.State;

namespace Emu.X86.Exceptions;

/// <content>Delivery in IA-32e mode (SDM 3A 6.14).</content>
public sealed unsafe partial class ExceptionUnit
{
    private const int GateInterrupt = 0xE;
    private const int GateTrap = 0xF;

    private bool TryDeliverLong(in InterruptEvent interrupt)
    {
        if (!TryReadGate64(in interrupt, out LongGate gate))
            return false;
        int cpl = _cpu->State.Cpl;
        uint external = interrupt.External;
        ushort selector = gate.Low.GateSelector;
        if (!TryReadTarget64(selector, cpl, external, out Descriptor code, out ulong address))
            return false;
        int newCpl = code.IsConforming ? cpl : code.Dpl;
        ulong target = gate.Low.GateOffset | (gate.High << 32);
        if (!Mmu.IsCanonical(target))
            return Fail(Vector.Gp, external);

        ulong rsp = *_cpu->Gpr(GeneralRegister.Rsp);
        int ist = (int)(gate.Low.Raw >> 32) & 7;
        if (ist != 0 ? !Segments.TryStackPointer64(3 + ist, external, out rsp) : newCpl < cpl && !Segments.TryStackPointer64(newCpl, external, out rsp))
            return false;
        if (!TryPushFrame64(in interrupt, newCpl, ref rsp) || !Segments.TrySetAccessed(ref code, address))
            return false;

        *_cpu->Gpr(GeneralRegister.Rsp) = rsp;
        if (newCpl != cpl)
            _cpu->State.Segments[(int)SegmentIndex.Ss] = Descriptor.Null((ushort)newCpl);
        _cpu->State.Segments[(int)SegmentIndex.Cs] = code.ToRegister((ushort)((selector & ~3) | newCpl));
        Arrive(in interrupt, target, newCpl, gate.Low.Type == GateInterrupt ? Rflags.If : 0);
        return true;
    }

    private bool TryReadGate64(in InterruptEvent interrupt, out LongGate gate)
    {
        gate = default;
        ulong offset = (ulong)interrupt.Vector * 16;
        if (offset + 15 > _cpu->State.Idtr.Limit)
            return Fail(Vector.Gp, interrupt.GateError);
        if (!Mmu.TryReadSystem(_cpu->State.Idtr.Base + offset, out gate))
            return false;
        if (gate.Low.IsCodeOrData || gate.Low.Type is not (GateInterrupt or GateTrap))
            return Fail(Vector.Gp, interrupt.GateError);
        if (interrupt.Software && gate.Low.Dpl < _cpu->State.Cpl)
            return Fail(Vector.Gp, interrupt.GateError);
        return gate.Low.IsPresent || Fail(Vector.Np, interrupt.GateError);
    }

    private bool TryReadTarget64(ushort selector, int cpl, uint external, out Descriptor code, out ulong address)
    {
        code = default;
        address = 0;
        if (SegmentUnit.IsNull(selector))
            return Fail(Vector.Gp, external);
        if (!Segments.TryRead(selector, Vector.Gp, external, out code, out address))
            return false;
        if (!code.IsCode || code.Dpl > cpl)
            return Fail(Vector.Gp, SegmentUnit.ErrorOf(selector) | external);
        if (!code.IsPresent)
            return Fail(Vector.Np, SegmentUnit.ErrorOf(selector) | external);
        return code.IsLong || Fail(Vector.Gp, SegmentUnit.ErrorOf(selector) | external);
    }

    /// <summary>Aligns the stack to 16 bytes and pushes SS, RSP, RFLAGS, CS, RIP and the error code; always with SS and RSP.</summary>
    private bool TryPushFrame64(in InterruptEvent interrupt, int cpl, ref ulong rsp)
    {
        ulong* frame = stackalloc ulong[6];
        int words = interrupt.HasError ? 6 : 5;
        ulong* word = frame;
        if (interrupt.HasError)
            *word++ = interrupt.ErrorCode;
        word[0] = interrupt.ReturnRip;
        word[1] = _cpu->State.Segments[(int)SegmentIndex.Cs].Selector;
        word[2] = interrupt.Flags;
        word[3] = *_cpu->Gpr(GeneralRegister.Rsp);
        word[4] = _cpu->State.Segments[(int)SegmentIndex.Ss].Selector;
        ulong bottom = (rsp & ~0xFUL) - (ulong)(8 * words);
        if (!Mmu.IsCanonical(rsp) || !Mmu.IsCanonical(bottom))
            return Fail(Vector.Ss, interrupt.External);
        rsp = bottom;
        return Mmu.TryWriteAs(Mmu.ViewOf(cpl), bottom, (byte*)frame, 8 * words);
    }

    /// <summary>A 16-byte gate of the IDT (SDM 3A, figure 6-8).</summary>
    private readonly record struct LongGate(Descriptor Low, ulong High);
}
