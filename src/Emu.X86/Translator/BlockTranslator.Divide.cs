using Emu.X86.Interpreter;

namespace Emu.X86.Translator;

/// <content>DIV and IDIV of 32 and 64 bits, which leave all flags (docs/undefined.md). Whatever might raise #DE is left to the interpreter.</content>
internal sealed unsafe partial class BlockTranslator
{
    private const int JumpIfBelow = 0x72;
    private const int JumpIfNotEqual = 0x75;
    private const int JumpIfAbove = 0x77;
    private const int SignBit32 = 31;
    private const int SignBit64 = 63;

    private bool EmitDivide(Recipe recipe, Op* op, Op* operand, bool memory, bool signed)
    {
        if (recipe.OperandBits < 32)
            return false;
        Settle();
        bool wide = recipe.Encoding.Wide;
        Encoding load = new(0, 0, 0x8B, wide);
        if (memory)
        {
            if (!EmitAccess(op, operand, out Memory source))
                return false;
            _emitter.Op(load, HostRegister.Rcx, source);
        }
        else
        {
            _emitter.Op(load, HostRegister.Rcx, Loaded(GuestOf(op->Dst), HostRegister.Rcx));
        }

        _delta = NoWindow;
        EmitKeepFlags();
        byte* safe = signed ? EmitSignedRangeCheck(wide) : EmitRangeCheck(wide);
        EmitRestoreFlags();
        EmitSite(SiteKind.Interpret, _resume);
        _emitter.Here(safe);
        _emitter.Op(recipe.Encoding, recipe.Group, HostRegister.Rcx);
        EmitRestoreFlags();
        return true;
    }

    /// <summary>The quotient fits when the high half is below the divisor, which then is not 0 either.</summary>
    /// <returns>The jump to the division.</returns>
    private byte* EmitRangeCheck(bool wide)
    {
        _emitter.Op(new Encoding(0, 0, 0x3B, wide), HostRegister.Rdx, HostRegister.Rcx); // cmp
        return EmitShortJump(JumpIfBelow);
    }

    /// <summary>The quotient fits when the high half is but the sign of the low one, as CDQ and CQO make it, and the divisor neither 0 nor -1.</summary>
    /// <returns>The jump to the division.</returns>
    private byte* EmitSignedRangeCheck(bool wide)
    {
        _emitter.Op(new Encoding(0, 0, 0x8B, wide), HostRegister.R11, HostRegister.Rax);
        _emitter.Op(new Encoding(0, 0, 0xC1, wide), 7, HostRegister.R11); // sar
        _emitter.Byte(wide ? SignBit64 : SignBit32);
        _emitter.Op(new Encoding(0, 0, 0x3B, wide), HostRegister.R11, HostRegister.Rdx); // cmp
        byte* wideDividend = EmitShortJump(JumpIfNotEqual);
        _emitter.Lea(HostRegister.R11, new Memory(HostRegister.Rcx, 1));
        _emitter.Op(new Encoding(0, 0, 0x83, wide), 7, HostRegister.R11); // cmp
        _emitter.Byte(1);
        byte* safe = EmitShortJump(JumpIfAbove);
        _emitter.Here(wideDividend);
        return safe;
    }

    /// <summary>A conditional jump to be led somewhere by <see cref="HostEmitter.Here"/>.</summary>
    private byte* EmitShortJump(int opcode)
    {
        _emitter.Byte(opcode);
        _emitter.Byte(0);
        return _emitter.Next;
    }

    /// <summary>Flags to memory, for code that must change them. Uses R10.</summary>
    private void EmitKeepFlags()
    {
        _emitter.Move(HostRegister.R10, HostRegister.Rax);
        EmitBytes([0x9F]); // lahf
        EmitBytes([0x0F, 0x90, 0xC0]); // seto al
        _emitter.Op(new Encoding(0x66, 0, 0x89, false), HostRegister.Rax, Frame(_at.Flags));
        _emitter.Move(HostRegister.Rax, HostRegister.R10);
    }

    private void EmitRestoreFlags()
    {
        _emitter.Move(HostRegister.R10, HostRegister.Rax);
        _emitter.Op(new Encoding(0, 1, 0xB7, false), HostRegister.Rax, Frame(_at.Flags)); // movzx
        EmitLoadFlags();
    }
}
