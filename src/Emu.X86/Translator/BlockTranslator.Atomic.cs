using Emu.X86.Interpreter;
using Iced.Intel;

namespace Emu.X86.Translator;

/// <content>Bit strings in memory and CMPXCHG16B: what a kernel's bitmaps, page flags and allocator are made of.</content>
internal sealed unsafe partial class BlockTranslator
{
    private static readonly Encoding CompareExchange16 = new(0, 1, 0xC7, true);
    private static readonly Encoding SignExtend32 = Encoding.Wide1(0x63);

    /// <summary>BT, BTS, BTR, BTC of memory by a register, which may lead far from the address: first to the doubleword or quadword, then the bit in it.</summary>
    private bool EmitBitString(Recipe recipe, Op* op, Op* operand)
    {
        if (recipe.OperandBits < 32)
            return false;
        bool wide = recipe.OperandBits == 64;
        int address = EmitAddress(operand);
        if (address < 0)
            return false;
        int guest = GuestOf(op->Src);
        _emitter.Constant(HostRegister.R11, wide ? 6UL : 5UL);
        _emitter.ShiftRightSigned(HostRegister.Rcx, Loaded(guest, HostRegister.Rcx), HostRegister.R11, wide);
        if (!wide)
            _emitter.Op(SignExtend32, HostRegister.Rcx, HostRegister.Rcx);
        _emitter.Lea(HostRegister.R10, new Memory(address, HostRegister.Rcx, wide ? 3 : 2, 0));
        EmitCheck(HostRegister.R10, recipe.OperandBits / 8, write: recipe.Mnemonic != Mnemonic.Bt, aligned: false);
        _emitter.Extract(HostRegister.Rcx, Loaded(guest, HostRegister.Rcx), _masks[wide ? CountBits64 : CountBits32]);
        _emitter.Op(recipe.Encoding, HostRegister.Rcx, new Memory(HostRegister.R10, HostRegister.R11, 0, 0));
        return true;
    }

    /// <summary>CMPXCHG16B changes ZF only.</summary>
    private bool EmitCompareExchange16(Op* operand)
    {
        if (_debt == FlagDebt.Product)
            Settle();
        int address = EmitAddress(operand);
        if (address < 0)
            return false;
        EmitCheck(address, 16, write: true, aligned: true);
        _emitter.Move(HostRegister.Rcx, HostRegister.GuestRcx);
        _emitter.Op(CompareExchange16, 1, new Memory(address, HostRegister.R11, 0, 0));
        return true;
    }
}
