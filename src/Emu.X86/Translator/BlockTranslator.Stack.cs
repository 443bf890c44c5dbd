using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Translator;

/// <content>PUSH, POP, LEAVE.</content>
internal sealed unsafe partial class BlockTranslator
{
    private const int SlotBytes = 8;

    /// <summary>The slot below the top of the stack, checked for a write.</summary>
    private Memory EmitReserveSlot()
    {
        if (_plan.WindowOf(_index) >= 0)
            return EmitWindow(-SlotBytes);
        _emitter.Lea(HostRegister.R10, new Memory(HostRegister.GuestRsp, -SlotBytes));
        EmitCheck(HostRegister.R10, SlotBytes, write: true, aligned: false);
        return new Memory(HostRegister.R10, HostRegister.R11, 0, 0);
    }

    /// <summary>The top of the stack, checked for a read.</summary>
    private Memory EmitTop()
    {
        if (_plan.WindowOf(_index) >= 0)
            return EmitWindow(0);
        EmitCheck(HostRegister.GuestRsp, SlotBytes, write: false, aligned: false);
        return new Memory(HostRegister.GuestRsp, HostRegister.R11, 0, 0);
    }

    private void EmitMoveStack(int distance) => _emitter.Lea(HostRegister.GuestRsp, new Memory(HostRegister.GuestRsp, distance));

    private bool EmitPushRegister(Op* op)
    {
        Memory slot = EmitReserveSlot();
        _emitter.Store(slot, Loaded(GuestOf(op->Dst), HostRegister.Rcx));
        EmitMoveStack(-SlotBytes);
        return true;
    }

    private bool EmitPushImmediate(Op* op)
    {
        Memory slot = EmitReserveSlot();
        _emitter.Op(Encoding.Wide1(0xC7), 0, slot);
        _emitter.Dword((int)op->Imm);
        EmitMoveStack(-SlotBytes);
        return true;
    }

    private bool EmitPop(Op* op)
    {
        int guest = GuestOf(op->Dst);
        Memory top = EmitTop();
        if (guest == (int)GeneralRegister.Rsp)
        {
            _emitter.Load(HostRegister.GuestRsp, top);
            return true;
        }

        int home = HostRegister.HomeOf(guest);
        int target = home == HostRegister.Spilled ? HostRegister.Rcx : home;
        _emitter.Load(target, top);
        if (home == HostRegister.Spilled)
            _emitter.Store(Slot(guest), target);
        EmitMoveStack(SlotBytes);
        return true;
    }

    /// <summary>PUSH of memory: the operand first, since it may depend on RSP.</summary>
    private bool EmitPushMemory(Op* op, Op* operand, bool memory)
    {
        if (!memory)
            return false;
        int address = EmitAddress(operand);
        if (address < 0)
            return false;
        EmitCheck(address, SlotBytes, write: false, aligned: false);
        _emitter.Load(HostRegister.Rcx, new Memory(address, HostRegister.R11, 0, 0));
        _emitter.Store(Frame(_at.Target), HostRegister.Rcx);
        Memory slot = EmitReserveSlot();
        _emitter.Load(HostRegister.Rcx, Frame(_at.Target));
        _emitter.Store(slot, HostRegister.Rcx);
        EmitMoveStack(-SlotBytes);
        return true;
    }

    /// <summary>POP to memory: RSP moves last, its step is in the displacement already.</summary>
    private bool EmitPopMemory(Op* op, Op* operand, bool memory)
    {
        if (!memory)
            return false;
        _emitter.Load(HostRegister.Rcx, EmitTop());
        _emitter.Store(Frame(_at.Target), HostRegister.Rcx);
        int address = EmitAddress(operand);
        if (address < 0)
            return false;
        EmitCheck(address, SlotBytes, write: true, aligned: false);
        _emitter.Load(HostRegister.Rcx, Frame(_at.Target));
        _emitter.Store(new Memory(address, HostRegister.R11, 0, 0), HostRegister.Rcx);
        EmitMoveStack(SlotBytes);
        return true;
    }

    private bool EmitLeave()
    {
        Memory frame;
        if (_plan.WindowOf(_index) >= 0)
        {
            frame = EmitWindow(0);
        }
        else
        {
            EmitCheck(HostRegister.Rbp, SlotBytes, write: false, aligned: false);
            frame = new Memory(HostRegister.Rbp, HostRegister.R11, 0, 0);
        }

        _emitter.Load(HostRegister.R10, frame);
        _emitter.Lea(HostRegister.GuestRsp, new Memory(HostRegister.Rbp, SlotBytes));
        _emitter.Move(HostRegister.Rbp, HostRegister.R10);
        return true;
    }
}
