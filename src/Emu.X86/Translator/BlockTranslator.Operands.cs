using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Translator;

/// <content>Operands: registers, linear addresses, the TLB check, and instructions that only change operands.</content>
internal sealed unsafe partial class BlockTranslator
{
    private const int GprBytes = 16 * 8;

    /// <summary>What an aligned access of 16 bytes has clear in its address.</summary>
    private const ulong AlignmentBits = 15;

    /// <summary>Host register that the first general register operand of the last instruction is in.</summary>
    private int _first;

    private static int GuestOf(ushort offset) => offset >> 3;

    private static bool IsHighByte(ushort offset) => (offset & 7) == 1;

    private static ushort OffsetOf(Op* op, int operand) => operand switch { 0 => op->Dst, 1 => op->Src, _ => op->Extra };

    /// <summary>The same instruction with registers and addresses replaced.</summary>
    private bool EmitSame(Recipe recipe, Op* op, Op* operand, bool memory)
    {
        if (_debt == FlagDebt.Product && ReadsResultFlags(recipe))
            Settle();
        if (!EmitReplaced(recipe, op, operand, memory))
            return false;
        if (recipe.ModifiesFlags)
            _debt = FlagDebt.None;
        return true;
    }

    private bool EmitReplaced(Recipe recipe, Op* op, Op* operand, bool memory)
        => memory ? EmitMemoryForm(recipe, op, operand) : EmitRegisterForm(recipe, op);

    private bool EmitRegisterForm(Recipe recipe, Op* op)
    {
        int reg = Math.Max(recipe.Group, 0), rm = 0;
        bool modRm = recipe.Group >= 0, opcode = false;
        int scratch = HostRegister.R10;
        for (int i = 0; i < recipe.OperandCount; i++)
        {
            ushort offset = OffsetOf(op, i);
            switch (recipe.PlaceOf(i))
            {
                case OperandPlace.Reg or OperandPlace.Rm or OperandPlace.Opcode:
                    if (IsHighByte(offset))
                        return EmitHighByteForm(recipe, op);
                    int host = ToHost(recipe, offset, i, ref scratch);
                    if (i == 0)
                        _first = host;
                    if (recipe.PlaceOf(i) == OperandPlace.Reg)
                        reg = host;
                    else
                        rm = host;
                    opcode |= recipe.PlaceOf(i) == OperandPlace.Opcode;
                    modRm |= recipe.PlaceOf(i) != OperandPlace.Opcode;
                    break;
                case OperandPlace.RegXmm:
                    reg = XmmOf(offset);
                    modRm = true;
                    break;
                case OperandPlace.RmXmm:
                    rm = XmmOf(offset);
                    modRm = true;
                    break;
            }
        }

        if (modRm)
            _emitter.Op(recipe.Encoding, reg, rm);
        else if (opcode)
            _emitter.OpRegister(recipe.Encoding, rm);
        else
            _emitter.OpPlain(recipe.Encoding);
        EmitImmediate(recipe, op);
        StoreSpilled(recipe, op);
        return true;
    }

    /// <summary>Host register of an operand; a spilled one is loaded into the next scratch register.</summary>
    private int ToHost(Recipe recipe, ushort offset, int operand, ref int scratch)
    {
        int home = HostRegister.HomeOf(GuestOf(offset));
        if (home != HostRegister.Spilled)
            return home;
        if (operand != 0 || recipe.ReadsFirst)
            _emitter.Load(scratch, Slot(GuestOf(offset)));
        if (scratch == HostRegister.R11)
            _delta = NoWindow;
        return scratch++;
    }

    private void StoreSpilled(Recipe recipe, Op* op)
    {
        int scratch = HostRegister.R10;
        int last = -1, lastScratch = 0;
        for (int i = 0; i < recipe.OperandCount; i++)
        {
            if (recipe.PlaceOf(i) is not (OperandPlace.Reg or OperandPlace.Rm or OperandPlace.Opcode))
                continue;
            int guest = GuestOf(OffsetOf(op, i));
            if (HostRegister.HomeOf(guest) != HostRegister.Spilled)
                continue;
            if (i == 0 ? recipe.WritesFirst : recipe.WritesSecond)
            {
                if (last >= 0)
                    _emitter.Store(Slot(guest), scratch);
                else
                    (last, lastScratch) = (guest, scratch);
            }

            scratch++;
        }

        if (last >= 0)
            _emitter.Store(Slot(last), lastScratch); // the first operand last: XADD r, r leaves the sum
    }

    /// <summary>AH, DH and BH exist in encodings without REX only.</summary>
    private bool EmitHighByteForm(Recipe recipe, Op* op)
    {
        if (recipe.Encoding.Wide || recipe.OperandBits != 8)
            return false;
        int reg = Math.Max(recipe.Group, 0), rm = 0;
        for (int i = 0; i < recipe.OperandCount; i++)
        {
            OperandPlace place = recipe.PlaceOf(i);
            if (place is not (OperandPlace.Reg or OperandPlace.Rm))
            {
                if (place is OperandPlace.Immediate)
                    continue;
                return false;
            }

            ushort offset = OffsetOf(op, i);
            int home = HostRegister.HomeOf(GuestOf(offset));
            bool byteOperand = place == OperandPlace.Reg ? recipe.Encoding.ByteReg : recipe.Encoding.ByteRm;
            if (home is < 0 or > 7 || (byteOperand && home > 3))
                return false;
            int number = IsHighByte(offset) ? home + 4 : home;
            if (place == OperandPlace.Reg)
                reg = number;
            else
                rm = number;
        }

        _emitter.OpWithoutRex(recipe.Encoding, reg, rm);
        EmitImmediate(recipe, op);
        return true;
    }

    private bool EmitMemoryForm(Recipe recipe, Op* op, Op* operand)
    {
        if ((op->Access & (Access.Read | Access.Write)) == 0 || (op->Access & (Access.Push | Access.Pop)) != 0)
            return false;
        int reg = Math.Max(recipe.Group, 0);
        int register = -1;
        for (int i = 0; i < recipe.OperandCount; i++)
        {
            if (recipe.PlaceOf(i) == OperandPlace.Reg)
                register = i;
            else if (recipe.PlaceOf(i) == OperandPlace.RegXmm)
                reg = XmmOf(OffsetOf(op, i));
        }

        if (register >= 0 && IsHighByte(OffsetOf(op, register)))
            return false;
        if (!EmitAccess(op, operand, out Memory target))
            return false;
        int guest = register >= 0 ? GuestOf(OffsetOf(op, register)) : 0;
        bool spilled = register >= 0 && HostRegister.HomeOf(guest) == HostRegister.Spilled;
        if (register >= 0)
            reg = spilled ? HostRegister.Rcx : HostRegister.HomeOf(guest);
        if (spilled && (register != 0 || recipe.ReadsFirst))
            _emitter.Load(HostRegister.Rcx, Slot(guest));
        _first = register == 0 ? reg : -1;
        _emitter.Op(recipe.Encoding, reg, target);
        EmitImmediate(recipe, op);
        if (spilled && (register == 0 ? recipe.WritesFirst : recipe.WritesSecond))
            _emitter.Store(Slot(guest), HostRegister.Rcx);
        return true;
    }

    /// <summary>Makes the memory operand of an op accessible, by its own check or its window's.</summary>
    private bool EmitAccess(Op* op, Op* operand, out Memory target)
    {
        target = default;
        if (_plan.WindowOf(_index) >= 0)
        {
            target = EmitWindow((int)op->Disp);
            return true;
        }

        int address = EmitAddress(operand);
        if (address < 0)
            return false;
        EmitCheck(address, (int)(op->Access & Access.SizeMask), (op->Access & Access.Write) != 0, (op->Access & Access.Aligned) != 0);
        target = new Memory(address, HostRegister.R11, 0, 0);
        return true;
    }

    /// <summary>The running op's access at a distance from its base register, which is part of a window.</summary>
    private Memory EmitWindow(int disp)
    {
        int number = _plan.WindowOf(_index);
        ref readonly AccessPlan.Window window = ref _plan[number];
        Memory kept = Frame(_at.Windows + (number * 8));
        if (window.First == _index)
        {
            int address = Loaded(window.Register, HostRegister.R10);
            int low = window.Low - window.Offset;
            if (low != 0)
            {
                _emitter.Lea(HostRegister.R10, new Memory(address, low));
                address = HostRegister.R10;
            }

            EmitCheck(address, window.High - window.Low, window.Write, aligned: false);
            _emitter.Store(kept, HostRegister.R11);
        }
        else if (_delta != number)
        {
            _emitter.Load(HostRegister.R11, kept);
        }

        _delta = number;
        return new Memory(Loaded(window.Register, HostRegister.R10), HostRegister.R11, 0, disp);
    }

    private void EmitImmediate(Recipe recipe, Op* op) => _emitter.Immediate(op->Imm, recipe.ImmediateSize);

    private int XmmOf(ushort offset) => (offset - (_at.Xmm - ToCpu)) >> 4;

    private bool EmitLea(Recipe recipe, Op* op)
    {
        if (op->Base == OperandRegister.Linear)
            return false;
        int address = EmitAddress(op);
        if (address < 0)
            return false;
        int guest = GuestOf(op->Dst);
        int home = HostRegister.HomeOf(guest);
        int target = home == HostRegister.Spilled ? HostRegister.R10 : home;
        if (recipe.Encoding.Wide)
        {
            if (target != address)
                _emitter.Move(target, address);
        }
        else
        {
            _emitter.Op(new Encoding(0, 0, 0x8B, false), target, address);
        }

        if (home == HostRegister.Spilled)
            _emitter.Store(Slot(guest), target);
        return true;
    }

    /// <summary>Forms the linear address of an operand.</summary>
    /// <returns>The host register with it: R10, or the home of a plain base register; -1 when it cannot be formed.</returns>
    private int EmitAddress(Op* operand)
    {
        bool segment = operand->Length == 0;
        if (operand->Base == OperandRegister.RipBase)
            return EmitRipRelative(operand, segment);
        bool hasBase = operand->Base < GprBytes, hasIndex = operand->Index < GprBytes;
        if ((long)operand->Disp != (int)operand->Disp)
            return -1;
        int disp = (int)operand->Disp;
        if (!hasBase && !hasIndex)
        {
            _emitter.Constant(HostRegister.R10, operand->Disp);
        }
        else
        {
            int index = hasIndex ? Loaded(GuestOf(operand->Index), HostRegister.Rcx) : -1;
            int start = hasBase ? Loaded(GuestOf(operand->Base), HostRegister.R10) : -1;
            if (index < 0 && disp == 0 && start != HostRegister.R10 && !segment)
                return start;
            if (start >= 0)
                _emitter.Lea(HostRegister.R10, new Memory(start, index, operand->Scale, disp));
            else
                _emitter.LeaScaled(HostRegister.R10, index, operand->Scale, disp);
        }

        if (segment)
            EmitSegmentBase(operand);
        return HostRegister.R10;
    }

    private int EmitRipRelative(Op* operand, bool segment)
    {
        long disp = (long)operand->Disp + _start;
        if (disp != (int)disp || operand->Index < GprBytes)
            return -1;
        _emitter.Load(HostRegister.R10, Frame(_at.Page));
        _emitter.Lea(HostRegister.R10, new Memory(HostRegister.R10, (int)disp));
        if (segment)
            EmitSegmentBase(operand);
        return HostRegister.R10;
    }

    private void EmitSegmentBase(Op* operand)
    {
        int offset = (int)((byte*)&((SegmentRegister*)&_cpu->State.Segments)[operand->Segment].Base - (byte*)&_cpu->State.Segments);
        _emitter.Load(HostRegister.Rcx, Frame(_at.Segments + offset));
        _emitter.Lea(HostRegister.R10, new Memory(HostRegister.R10, HostRegister.Rcx, 0, 0));
    }

    private int Loaded(int guest, int scratch)
    {
        int home = HostRegister.HomeOf(guest);
        if (home != HostRegister.Spilled)
            return home;
        _emitter.Load(scratch, Slot(guest));
        return scratch;
    }

    /// <summary>
    /// Goes on only when the access may go straight to memory at address + R11; otherwise the interpreter runs the op. Uses RCX and R11.
    /// All of it leaves the flags alone.
    /// </summary>
    private void EmitCheck(int address, int size, bool write, bool aligned)
    {
        _delta = NoWindow;
        _emitter.Extract(HostRegister.Rcx, address, Frame(_at.TlbMask));
        _emitter.Load(HostRegister.R11, TlbField(TlbOffsets.Delta));
        _emitter.Load(HostRegister.Rcx, TlbField(write ? TlbOffsets.WriteBias : TlbOffsets.ReadBias));
        _emitter.Lea(HostRegister.Rcx, new Memory(HostRegister.Rcx, address, 0, size - 1));
        _emitter.ShiftRight(HostRegister.Rcx, HostRegister.Rcx, HostRegister.Rsp);
        byte* hit = _emitter.JumpIfZero();
        EmitSite(SiteKind.Interpret, _resume);
        _emitter.Here(hit);
        if (!aligned)
            return;
        _emitter.Extract(HostRegister.Rcx, address, _masks[AlignmentBits]);
        hit = _emitter.JumpIfZero();
        EmitSite(SiteKind.Interpret, _resume);
        _emitter.Here(hit);
    }

    private Memory TlbField(int field) => new(HostRegister.Rsp, HostRegister.Rcx, 3, _view + field);
}
