using Emu.X86.Interpreter;

namespace Emu.X86.Translator;

/// <content>
/// The guest's status flags are the host's, but where a result is undefined docs/undefined.md decides, and what the host left there is a debt:
/// sites carry it to the run loop, most often the next instruction overwrites it, and where neither holds it is settled by a few instructions.
/// </content>
internal sealed unsafe partial class BlockTranslator
{
    private const int Below = 2;
    private const int AboveOrEqual = 3;
    private const int ConditionMask = 15;

    /// <summary>Instructions that change CF (and OF) only; the other flags must be real before.</summary>
    private bool EmitCarryOnly(Recipe recipe, Op* op, Op* operand, bool memory)
    {
        if (recipe.Treatment == Treatment.Rotate && recipe.OperandBits < 32 && CountOf(recipe, op) >= recipe.OperandBits)
            return false;
        if (_debt == FlagDebt.Product)
            Settle();
        if (memory && recipe.Treatment == Treatment.SameCarryOnly && recipe.ImmediateSize == 0)
            return EmitBitString(recipe, op, operand);
        return EmitReplaced(recipe, op, operand, memory);
    }

    /// <summary>A conditional instruction that looks at ZF, SF or PF.</summary>
    private static bool ReadsResultFlags(Recipe recipe)
        => recipe.IsConditional && (recipe.Encoding.Opcode & ConditionMask) > AboveOrEqual;

    private static int CountOf(Recipe recipe, Op* op) => recipe.ImmediateSize == 0 ? 1 : (int)op->Imm & (recipe.OperandBits == 64 ? 63 : 31);

    /// <summary>Makes the host's flags those of the guest.</summary>
    private void Settle()
    {
        if (_debt != FlagDebt.None)
            _delta = NoWindow;
        switch (_debt)
        {
            case FlagDebt.ClearAf:
                EmitClearAf();
                break;
            case FlagDebt.ClearAfIfShifted:
                _emitter.Load(HostRegister.Rcx, Frame(_at.ShiftCount));
                byte* unchanged = _emitter.JumpIfZero();
                EmitClearAf();
                _emitter.Here(unchanged);
                break;
            case FlagDebt.Product:
                EmitProductFlags();
                break;
        }

        _debt = FlagDebt.None;
    }

    private void EmitClearAf()
    {
        _emitter.Move(HostRegister.R10, HostRegister.Rax);
        EmitBytes([0x9F]); // lahf
        EmitBytes([0x0F, 0x90, 0xC0]); // seto al
        EmitBytes([0x80, 0xE4, 0xEF]); // and ah, ~AF
        EmitLoadFlags();
    }

    private void EmitProductFlags()
    {
        _emitter.Move(HostRegister.R10, HostRegister.Rax);
        _emitter.Load(HostRegister.Rcx, Frame(_at.Product));
        EmitBytes([0x0F, 0x90, 0xC0]); // seto al: also CF
        EmitBytes([0x44, 0x0F, 0xB6, 0xD8]); // movzx r11d, al
        EmitBytes([0x48, 0x85, 0xC9]); // test rcx, rcx
        EmitBytes([0x9F]); // lahf
        EmitBytes([0x0F, 0xB6, 0xC4]); // movzx eax, ah
        EmitBytes([0x44, 0x09, 0xD8]); // or eax, r11d
        EmitBytes([0x88, 0xC4]); // mov ah, al
        EmitBytes([0x44, 0x88, 0xD8]); // mov al, r11b
        EmitLoadFlags();
    }

    /// <summary>Flags from AH and AL; RAX from R10.</summary>
    private void EmitLoadFlags()
    {
        EmitBytes([0x04, 0x7F]); // add al, 127: OF
        EmitBytes([0x9E]); // sahf
        _emitter.Move(HostRegister.Rax, HostRegister.R10);
    }

    private void EmitBytes(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
            _emitter.Byte(value);
    }
}
