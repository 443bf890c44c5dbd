using Emu.X86.Interpreter;
using Iced.Intel;

namespace Emu.X86.Translator;

/// <content>x87 instructions: the same in the host (see <see cref="HostX87"/>).</content>
internal sealed unsafe partial class BlockTranslator
{
    private const int MaskedExceptions = 0x3F;
    private const int ControlBit6 = 0x40;

    /// <summary>The exception masks in the control word, and those of its bits that can be changed. SDM 1, 8.1.5.</summary>
    private const ulong ExceptionMasks = 0x3F;
    private const ulong ControlWordBits = 0x1F3F;

    /// <summary>x87 registers are live, and FIP's page is noted.</summary>
    private bool _x87Ready;
    private bool _x87PageNoted;

    private bool EmitX87(Recipe recipe, Op* op, Op* operand, bool memory)
    {
        if (memory && operand != op)
            return false; // FDP is the offset in FS or GS
        if (recipe.Mnemonic is >= Mnemonic.Fcmovb and <= Mnemonic.Fcmovu)
            Settle();
        EnsureX87();
        if (memory)
        {
            if (!EmitAccess(op, operand, out Memory target))
                return false;
            _emitter.Lea(HostRegister.Rcx, new Memory(target.Base, target.Disp));
            _emitter.Store(Frame(_at.Fdp), HostRegister.Rcx);
            _emitter.Op(recipe.Encoding, recipe.Group, target);
        }
        else
        {
            EmitX87Registers(recipe, op);
        }

        EmitNote(op);
        if (recipe.ModifiesFlags)
            _debt = FlagDebt.None;
        return true;
    }

    /// <summary>FNSTCW, FNSTSW, FNCLEX: FIP and FDP stay.</summary>
    private bool EmitX87Control(Recipe recipe, Op* op, Op* operand, bool memory)
    {
        EnsureX87();
        if (!memory)
        {
            EmitX87Registers(recipe, op);
            return true;
        }

        if (!EmitAccess(op, operand, out Memory target))
            return false;
        _emitter.Op(recipe.Encoding, recipe.Group, target);
        return true;
    }

    /// <summary>FLDCW, as long as all exceptions stay masked.</summary>
    private bool EmitX87LoadControl(Recipe recipe, Op* op, Op* operand)
    {
        EnsureX87();
        if (!EmitAccess(op, operand, out Memory source))
            return false;
        _delta = NoWindow;
        _emitter.Op(new Encoding(0, 1, 0xB7, false), HostRegister.R11, source); // movzx
        _emitter.Extract(HostRegister.Rcx, HostRegister.R11, _masks[ExceptionMasks]);
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, -MaskedExceptions));
        byte* masked = _emitter.JumpIfZero();
        EmitSite(SiteKind.Interpret, _resume);
        _emitter.Here(masked);
        _emitter.Extract(HostRegister.R11, HostRegister.R11, _masks[ControlWordBits]);
        _emitter.Deposit(HostRegister.R11, HostRegister.R11, _masks[ControlWordBits]);
        _emitter.Lea(HostRegister.R11, new Memory(HostRegister.R11, ControlBit6));
        _emitter.Op(new Encoding(0x66, 0, 0x89, false), HostRegister.R11, Frame(_at.Fcw));
        _emitter.Op(recipe.Encoding, recipe.Group, Frame(_at.Fcw));
        return true;
    }

    /// <summary>Two bytes of opcode; ST(i), where there is one, in the second.</summary>
    private void EmitX87Registers(Recipe recipe, Op* op)
    {
        OpCodeInfo info = recipe.Code.ToOpCode();
        int register = 0;
        for (int i = 0; i < info.OpCount; i++)
        {
            if (info.GetOpKind(i) == OpCodeOperandKind.sti_opcode)
                register = OffsetOf(op, i);
        }

        _emitter.Byte((int)(info.OpCode >> 8));
        _emitter.Byte((int)(info.OpCode & 0xFF) + register);
    }

    /// <summary>Before the first x87 instruction behind an entry: the registers come to the host. Without them the run loop brings them, or runs the instruction itself.</summary>
    private void EnsureX87()
    {
        if (_x87Ready)
            return;
        _delta = NoWindow;
        _emitter.Load(HostRegister.Rcx, Frame(_at.X87State));
        byte* live = _emitter.JumpIfZero();
        EmitSite(SiteKind.LoadX87, _resume);
        _emitter.Here(live);
        _x87Ready = true;
        _xmmReady = false; // the way through the run loop stores them
    }

    /// <summary>FIP: the page once, since host code does not know it, then where the instruction lies in it. SDM 1, 8.1.8.</summary>
    private void EmitNote(Op* op)
    {
        if (!_x87PageNoted)
        {
            _emitter.Load(HostRegister.Rcx, Frame(_at.Page));
            _emitter.Store(Frame(_at.X87Page), HostRegister.Rcx);
            _x87PageNoted = true;
        }

        _emitter.Op(Encoding.Wide1(0xC7), 0, Frame(_at.X87Offset));
        _emitter.Dword(_start + op->Offset);
    }
}
