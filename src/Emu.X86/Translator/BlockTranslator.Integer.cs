using Emu.X86.Interpreter;

namespace Emu.X86.Translator;

/// <content>Integer instructions whose flags or operands need care: shifts, multiplications, bit scans.</content>
internal sealed unsafe partial class BlockTranslator
{
    private static readonly Encoding Test32 = new(0, 0, 0x85, false);
    private static readonly Encoding ConditionalMove = new(0, 1, 0x45, true);

    private bool EmitShift(Recipe recipe, Op* op, Op* operand, bool memory)
    {
        int count = CountOf(recipe, op);
        if (recipe.OperandBits < 32 && count >= recipe.OperandBits)
            return false;
        if (!EmitReplaced(recipe, op, operand, memory))
            return false;
        if (count != 0)
            _debt = FlagDebt.ClearAf;
        return true;
    }

    private bool EmitShiftByCl(Recipe recipe, Op* op, Op* operand, bool memory)
    {
        if (recipe.OperandBits < 32)
            return false;
        Settle(); // a count of 0 leaves the flags, and the debt with them
        if (!EmitByCl(recipe, op, operand, memory))
            return false;
        _debt = FlagDebt.ClearAfIfShifted;
        return true;
    }

    /// <summary>ROL and ROR: CF and OF change, if the count is not 0.</summary>
    private bool EmitRotateByCl(Recipe recipe, Op* op, Op* operand, bool memory)
    {
        if (recipe.OperandBits < 32)
            return false;
        Settle();
        return EmitByCl(recipe, op, operand, memory);
    }

    /// <summary>The bits of a shift count that count (SDM 2B, SAL).</summary>
    private const ulong CountBits32 = 31;
    private const ulong CountBits64 = 63;

    /// <summary>The guest's CL, masked, goes to the host's.</summary>
    private bool EmitByCl(Recipe recipe, Op* op, Op* operand, bool memory)
    {
        int guest = GuestOf(op->Dst);
        int target = -1;
        Memory place = default;
        if (memory)
        {
            if (!EmitAccess(op, operand, out place))
                return false;
        }
        else
        {
            target = Loaded(guest, HostRegister.R10);
        }

        _emitter.Extract(HostRegister.Rcx, HostRegister.GuestRcx, _masks[recipe.OperandBits == 64 ? CountBits64 : CountBits32]);
        _emitter.Store(Frame(_at.ShiftCount), HostRegister.Rcx);
        if (memory)
            _emitter.Op(recipe.Encoding, recipe.Group, place);
        else
            _emitter.Op(recipe.Encoding, recipe.Group, target);
        if (target == HostRegister.R10)
            _emitter.Store(Slot(guest), target);
        return true;
    }

    private bool EmitMultiply(Recipe recipe, Op* op, Op* operand, bool memory)
    {
        if (!EmitReplaced(recipe, op, operand, memory))
            return false;
        bool wide = recipe.OperandCount == 1; // rDX:rAX
        int low = wide ? HostRegister.Rax : _first;
        switch (recipe.OperandBits)
        {
            case 8:
                _emitter.Op(new Encoding(0, 1, 0xBE, true, ByteRm: true), HostRegister.Rcx, low);
                break;
            case 16:
                _emitter.Op(new Encoding(0, 1, 0xBF, true), HostRegister.Rcx, low);
                break;
            case 32:
                _emitter.Op(Encoding.Wide1(0x63), HostRegister.Rcx, low);
                break;
        }

        _emitter.Store(Frame(_at.Product), recipe.OperandBits == 64 ? low : HostRegister.Rcx);
        _debt = FlagDebt.Product;
        return true;
    }

    /// <summary>BSF and BSR: the destination stays when the source is 0, the flags are those of TEST source, source.</summary>
    private bool EmitScan(Recipe recipe, Op* op, Op* operand, bool memory)
    {
        Encoding load = new(0, 0, 0x8B, recipe.Encoding.Wide);
        if (memory)
        {
            if (!EmitAccess(op, operand, out Memory source))
                return false;
            _emitter.Op(load, HostRegister.Rcx, source);
        }
        else
        {
            _emitter.Op(load, HostRegister.Rcx, Loaded(GuestOf(op->Src), HostRegister.Rcx));
        }

        int guest = GuestOf(op->Dst);
        int target = Loaded(guest, HostRegister.R11);
        _delta = NoWindow;
        _emitter.Op(recipe.Encoding, HostRegister.R10, HostRegister.Rcx);
        _emitter.Op(Test32 with { Wide = recipe.Encoding.Wide }, HostRegister.Rcx, HostRegister.Rcx);
        _emitter.Op(ConditionalMove, target, HostRegister.R10);
        if (target == HostRegister.R11)
            _emitter.Store(Slot(guest), target);
        _debt = FlagDebt.None;
        return true;
    }
}
