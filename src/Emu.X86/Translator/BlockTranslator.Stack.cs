using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Translator;

/// <content>PUSH, POP, LEAVE.</content>
internal sealed unsafe partial class BlockTranslator
{
    private const int SlotBytes = 8;

    /// <summary>R10 = the new stack pointer, checked for a write; the guest's RSP is not moved yet.</summary>
    private void EmitReserveSlot()
    {
        _emitter.Lea(HostRegister.R10, new Memory(HostRegister.GuestRsp, -SlotBytes));
        EmitCheck(HostRegister.R10, SlotBytes, write: true, aligned: false);
    }

    private bool EmitPushRegister(Op* op)
    {
        EmitReserveSlot();
        int source = Loaded(GuestOf(op->Dst), HostRegister.Rcx);
        _emitter.Store(new Memory(HostRegister.R10, HostRegister.R11, 0, 0), source);
        _emitter.Move(HostRegister.GuestRsp, HostRegister.R10);
        return true;
    }

    private bool EmitPushImmediate(Op* op)
    {
        EmitReserveSlot();
        _emitter.Op(Encoding.Wide1(0xC7), 0, new Memory(HostRegister.R10, HostRegister.R11, 0, 0));
        _emitter.Dword((int)op->Imm);
        _emitter.Move(HostRegister.GuestRsp, HostRegister.R10);
        return true;
    }

    private bool EmitPop(Op* op)
    {
        int guest = GuestOf(op->Dst);
        if (guest == (int)GeneralRegister.Rsp)
            return false;
        EmitCheck(HostRegister.GuestRsp, SlotBytes, write: false, aligned: false);
        int home = HostRegister.HomeOf(guest);
        int target = home == HostRegister.Spilled ? HostRegister.Rcx : home;
        _emitter.Load(target, new Memory(HostRegister.GuestRsp, HostRegister.R11, 0, 0));
        if (home == HostRegister.Spilled)
            _emitter.Store(Slot(guest), target);
        _emitter.Lea(HostRegister.GuestRsp, new Memory(HostRegister.GuestRsp, SlotBytes));
        return true;
    }

    private bool EmitLeave()
    {
        EmitCheck(HostRegister.Rbp, SlotBytes, write: false, aligned: false);
        _emitter.Load(HostRegister.R10, new Memory(HostRegister.Rbp, HostRegister.R11, 0, 0));
        _emitter.Lea(HostRegister.GuestRsp, new Memory(HostRegister.Rbp, SlotBytes));
        _emitter.Move(HostRegister.Rbp, HostRegister.R10);
        return true;
    }
}
