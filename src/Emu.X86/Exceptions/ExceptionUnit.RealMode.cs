using Emu.X86.State;

namespace Emu.X86.Exceptions;

/// <content>Delivery in real mode through the interrupt vector table (SDM 3B 20.1.4).</content>
public sealed unsafe partial class ExceptionUnit
{
    private bool TryDeliverReal(in InterruptEvent interrupt)
    {
        ulong offset = (ulong)interrupt.Vector * 4;
        if (offset + 3 > _cpu->State.Idtr.Limit)
            return Fail(Vector.Gp, interrupt.GateError);
        if (!Mmu.TryReadSystem(_cpu->State.Idtr.Base + offset, out uint pointer))
            return false;
        ref SegmentRegister ss = ref _cpu->State.Segments[(int)SegmentIndex.Ss];
        ushort* frame = stackalloc ushort[3];
        frame[0] = (ushort)interrupt.ReturnRip;
        frame[1] = _cpu->State.Segments[(int)SegmentIndex.Cs].Selector;
        frame[2] = (ushort)interrupt.Flags;
        ushort sp = (ushort)*_cpu->Gpr(GeneralRegister.Rsp);
        ushort bottom = (ushort)(sp - 6);
        for (int i = 2; i >= 0; i--)
        {
            sp -= 2;
            if (sp + 1u > ss.Limit)
                return Fail(Vector.Ss, 0);
            if (!Mmu.TryWriteAs(Mmu.ViewOf(0), ss.Base + sp, (byte*)(frame + i), 2))
                return false;
        }

        *(ushort*)_cpu->Gpr(GeneralRegister.Rsp) = bottom;
        ref SegmentRegister cs = ref _cpu->State.Segments[(int)SegmentIndex.Cs];
        cs.Selector = (ushort)(pointer >> 16);
        cs.Base = (ulong)cs.Selector << 4;
        Arrive(in interrupt, pointer & 0xFFFF, _cpu->State.Cpl, Rflags.If | Rflags.Ac);
        return true;
    }
}
