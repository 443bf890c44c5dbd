using Emu.X86.Interpreter;

namespace Emu.X86.Translator;

/// <content>The ends of blocks.</content>
internal sealed unsafe partial class BlockTranslator
{
    private const int PageBytes = 4096;

    /// <summary>An instruction that begins here or behind may end in the next page, which a link must not depend on.</summary>
    private const int FirstCrossing = PageBytes - 14;
    private const int EntryCode = 16;
    private const int EntryPage = 24;

    private bool EmitBranch(Recipe recipe, Op* op, Op* operand, bool memory)
    {
        Settle();
        switch (recipe.Treatment)
        {
            case Treatment.Condition:
                EmitCondition(recipe, op);
                return true;
            case Treatment.Jump:
                EmitDirect(op, _start + (long)op->Imm, SiteKind.Taken, SiteKind.FarTaken);
                return true;
            case Treatment.Call:
                Memory slot = EmitReserveSlot();
                EmitStoreReturn(op, slot);
                EmitDirect(op, _start + (long)op->Imm, SiteKind.Taken, SiteKind.FarTaken);
                return true;
            case Treatment.Return:
                return EmitReturn();
            case Treatment.SystemCall:
                return EmitSystemCall(op);
            case Treatment.SystemReturn:
                return EmitSystemReturn(op);
            default:
                return EmitIndirect(op, operand, memory, call: recipe.Treatment == Treatment.CallIndirect);
        }
    }

    /// <summary>The block ends without a branch.</summary>
    private void EmitFallThrough(Op* op)
    {
        Settle();
        EmitDirect(op, _start + op->Offset + op->Length, SiteKind.NotTaken, SiteKind.FarNotTaken);
    }

    private void EmitCondition(Recipe recipe, Op* op)
    {
        long taken = _start + (long)op->Imm, behind = _start + op->Offset + op->Length;
        _emitter.Byte(0x0F);
        _emitter.Byte(0x80 | (recipe.Encoding.Opcode & ConditionMask));
        _emitter.Dword(0);
        byte* branch = _emitter.Next;
        EmitDirect(op, behind, SiteKind.NotTaken, SiteKind.FarNotTaken);
        ((int*)branch)[-1] = (int)(_emitter.Next - branch);
        bool adjacent = _emitter.Next == branch + Site.Bytes;
        EmitDirect(op, taken, adjacent ? SiteKind.TakenCondition : SiteKind.Taken, SiteKind.FarTaken);
    }

    /// <summary>To a known distance from the page: linked when it stays in the page and needs no other, looked up otherwise.</summary>
    private void EmitDirect(Op* op, long target, SiteKind near, SiteKind far)
    {
        if (target is >= 0 and < FirstCrossing)
        {
            EmitSite(near, op);
            return;
        }

        if (target != (int)target)
        {
            EmitSite(far, op);
            return;
        }

        _emitter.Load(HostRegister.R10, Frame(_at.Page));
        _emitter.Lea(HostRegister.R10, new Memory(HostRegister.R10, (int)target));
        EmitLookup(far, op);
        EmitEnterFound();
    }

    /// <summary>Writes the return address to the reserved slot and moves the stack pointer.</summary>
    private void EmitStoreReturn(Op* op, Memory slot)
    {
        _emitter.Load(HostRegister.Rcx, Frame(_at.Page));
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, _start + op->Offset + op->Length));
        _emitter.Store(slot, HostRegister.Rcx);
        EmitMoveStack(-SlotBytes);
    }

    private bool EmitReturn()
    {
        _emitter.Load(HostRegister.R10, EmitTop());
        EmitLookup(SiteKind.Interpret, _resume);
        EmitMoveStack(SlotBytes);
        EmitEnterFound();
        return true;
    }

    private bool EmitIndirect(Op* op, Op* operand, bool memory, bool call)
    {
        if (memory)
        {
            int address = EmitAddress(operand);
            if (address < 0)
                return false;
            EmitCheck(address, SlotBytes, write: false, aligned: false);
            _emitter.Load(HostRegister.R10, new Memory(address, HostRegister.R11, 0, 0));
        }
        else
        {
            int source = Loaded(GuestOf(op->Dst), HostRegister.R10);
            if (source != HostRegister.R10)
                _emitter.Move(HostRegister.R10, source);
        }

        EmitLookup(SiteKind.Interpret, _resume);
        if (call)
        {
            _emitter.Store(Frame(_at.Target), HostRegister.R11);
            EmitStoreReturn(op, EmitReserveSlot());
            _emitter.Load(HostRegister.R11, Frame(_at.Target));
        }

        EmitEnterFound();
        return true;
    }

    /// <summary>Finds the linear RIP in R10 in the jump table: its entry goes to R11; a miss leaves by <paramref name="miss"/>, with nothing changed.</summary>
    private void EmitLookup(SiteKind miss, Op* op)
    {
        EmitHash();
        byte* known = _emitter.JumpIfZero();
        byte* leave = _emitter.Next;
        EmitSite(miss, op);
        _emitter.Here(known);
        _emitter.Load(HostRegister.Rcx, new Memory(HostRegister.R11, 8));
        _emitter.Load(HostRegister.R10, Frame(_at.Context));
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, HostRegister.R10, 0, 0));
        byte* same = _emitter.JumpIfZero();
        _emitter.ShortJump(leave);
        _emitter.Here(same);
    }

    /// <summary>The entry for the linear RIP in R10 to R11; RCX is 0 when it is one for this RIP.</summary>
    private void EmitHash()
    {
        _delta = NoWindow;
        _emitter.RotateRight(HostRegister.Rcx, HostRegister.R10, HostJumps.HashShift);
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, HostRegister.R10, 0, 0));
        _emitter.Deposit(HostRegister.Rcx, HostRegister.Rcx, Frame(_at.JumpMask));
        _emitter.Lea(HostRegister.R11, new Memory(HostRegister.Rsp, HostRegister.Rcx, 3, _at.Jumps));
        _emitter.Load(HostRegister.Rcx, new Memory(HostRegister.R11, 0));
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, HostRegister.R10, 0, 0));
    }

    /// <summary>Goes on at the jump entry in R11.</summary>
    private void EmitEnterFound()
    {
        _emitter.Load(HostRegister.R10, new Memory(HostRegister.R11, EntryPage));
        _emitter.Store(Frame(_at.Page), HostRegister.R10);
        _emitter.JumpTo(new Memory(HostRegister.R11, EntryCode));
    }
}
