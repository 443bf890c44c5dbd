using Iced.Intel;
using static Fuzz.Tests.Programs.ProgramLayout;

namespace Fuzz.Tests.Programs;

/// <summary>Writes a random program: single instructions of every kind, and short phrases for what chance would hardly bring about.</summary>
internal sealed class ProgramWriter
{
    /// <summary>Somewhere in the program, for a trial.</summary>
    private const ulong Somewhere = CodeArea;

    /// <summary>Bits of a page-table entry by byte: P, W (likelier), U, A, D, NX.</summary>
    private static readonly (int At, byte Bit)[] Bits = [(0, 1), (0, 2), (0, 2), (0, 4), (0, 0x20), (0, 0x40), (7, 0x80)];

    private readonly Dice _dice;
    private readonly OperandWriter _operands;
    private readonly Encoder _trial = Encoder.Create(64, new Nowhere());
    private readonly List<ProgramItem> _items = [];

    /// <summary>Items whose immediate, one byte behind their start, other items overwrite.</summary>
    private readonly List<int> _patched = [];

    public ProgramWriter(Dice dice)
    {
        _dice = dice;
        _operands = new OperandWriter(dice);
    }

    public IReadOnlyList<ProgramItem> Items => _items;

    /// <summary>What stands for an instruction that cannot be encoded.</summary>
    public Instruction Fallback { get; } = Instruction.Create(Code.Nopd);

    /// <summary>Writes the next instruction or phrase.</summary>
    public void Write()
    {
        switch (_dice.Below(100))
        {
            case < 44:
                WriteOne(InstructionPool.Integer);
                break;
            case < 60:
                WriteOne(InstructionPool.Vector);
                break;
            case < 66:
                WriteOne(InstructionPool.X87);
                break;
            case < 71:
                WriteString();
                break;
            case < 78:
                WriteOne(InstructionPool.Stack);
                break;
            case < 89:
                WriteBranch();
                break;
            case < 91:
                WriteIndirectJump();
                break;
            case < 94:
                WritePatch();
                break;
            case < 96:
                WriteTableChange();
                break;
            case < 98:
                WriteLoop();
                break;
            default:
                WriteSystemPhrase();
                break;
        }
    }

    private void WriteOne(Code[] codes)
    {
        for (int attempt = 0; attempt < 20; attempt++)
        {
            if (_operands.TryWrite(_dice.Pick<Code>(codes), out Instruction instruction) && _trial.TryEncode(instruction, Somewhere, out _, out _))
            {
                Add(instruction);
                return;
            }
        }
    }

    /// <summary>Mostly with a small count, so that repetitions end inside and outside of a run's budget.</summary>
    private void WriteString()
    {
        if (_dice.Chance(75))
            Add(Instruction.Create(Code.Mov_r32_imm32, Register.ECX, _dice.Chance(80) ? _dice.Below(40) : _dice.Below(3000)));
        if (!_operands.TryWrite(_dice.Pick<Code>(InstructionPool.String), out Instruction instruction))
            return;
        if (_dice.Chance(80))
            instruction.HasRepPrefix = true;
        else if (_dice.Chance(50))
            instruction.HasRepnePrefix = true;
        if (_trial.TryEncode(instruction, Somewhere, out _, out _))
            Add(instruction);
    }

    private void WriteBranch()
    {
        Code code = _dice.Pick<Code>(InstructionPool.Branch);
        bool isShort = code.ToOpCode().GetOpKind(0) == OpCodeOperandKind.br64_1;
        int target = isShort || _dice.Chance(70) ? _items.Count + _dice.Between(isShort ? -6 : -30, 12) : _dice.Below(1500);
        Add(Instruction.CreateBranch(code, Somewhere), Math.Max(target, 0));
    }

    private void WriteIndirectJump()
    {
        int target = Math.Max(_items.Count + _dice.Between(-40, 60), 0);
        Register register = Register.RAX + _dice.Pick<int>(0, 1, 2, 8, 9);
        Add(RipRelative(Code.Lea_r64_m, register), target);
        Add(Instruction.Create(_dice.Chance(60) ? Code.Jmp_rm64 : Code.Call_rm64, register));
    }

    /// <summary>Self-modifying code: an immediate of an instruction nearby is overwritten, mostly by as many bytes as it has.</summary>
    private void WritePatch()
    {
        if (_patched.Count == 0 || _dice.Chance(30))
        {
            _patched.Add(_items.Count);
            Add(Instruction.Create(Code.Mov_r32_imm32, Register.EAX + _dice.Below(3), (int)_dice.Bits()));
            return;
        }

        Instruction write = _dice.Below(3) switch
        {
            0 => RipRelative(Code.Mov_rm32_r32, Register.EAX),
            1 => RipRelative(Code.Add_rm8_r8, Register.CL),
            _ => RipRelative(Code.Xchg_rm8_r8, Register.DL),
        };
        Add(write, _patched[^(1 + _dice.Below(Math.Min(_patched.Count, 4)))], _dice.Chance(97) ? 1 : 0);
    }

    /// <summary>Flips a bit of a page-table entry of the program's own data and uses the page, without invalidating anything.</summary>
    private void WriteTableChange()
    {
        int page = _dice.Between(0x10, 0x10 + DataPages);
        (int at, byte bit) = Bits[_dice.Below(Bits.Length)];
        Add(Instruction.Create(Code.Xor_rm8_imm8, Absolute(TableWindow + (8 * (ulong)page) + (ulong)at), bit));
        Register register = Register.RAX + _dice.Pick<int>(0, 1, 2);
        MemoryOperand used = Absolute(Program + (PageSize * (ulong)page) + (8 * (ulong)_dice.Below(512)));
        if (_dice.Chance(50))
            Add(Instruction.Create(Code.Mov_r64_rm64, register, used));
        else
            Add(Instruction.Create(Code.Add_rm64_r64, used, register));
    }

    /// <summary>A counted loop of a few instructions, so that something becomes hot.</summary>
    private void WriteLoop()
    {
        Add(Instruction.Create(Code.Mov_r32_imm32, Register.R9D, _dice.Between(2, 400)));
        int start = _items.Count;
        for (int i = _dice.Between(1, 8); i > 0; i--)
            WriteOne(_dice.Chance(70) ? InstructionPool.Integer : InstructionPool.Vector);
        Add(Instruction.Create(Code.Dec_rm32, Register.R9D));
        Add(Instruction.CreateBranch(Code.Jne_rel32_64, Somewhere), start);
    }

    /// <summary>What only a supervisor may do; #GP for a user.</summary>
    private void WriteSystemPhrase()
    {
        switch (_dice.Below(6))
        {
            case 0: // CR3 again: everything not global may have changed
                Add(Instruction.Create(Code.Mov_r64_cr, Register.RAX, Register.CR3));
                Add(Instruction.Create(Code.Mov_cr_r64, Register.CR3, Register.RAX));
                break;
            case 1: // CR0.WP
                Add(Instruction.Create(Code.Mov_r64_cr, Register.RAX, Register.CR0));
                Add(Instruction.Create(Code.Xor_rm32_imm32, Register.EAX, 1 << 16));
                Add(Instruction.Create(Code.Mov_cr_r64, Register.CR0, Register.RAX));
                break;
            case 2: // CR4.SMAP, PGE or PCE
                Add(Instruction.Create(Code.Mov_r64_cr, Register.RAX, Register.CR4));
                Add(Instruction.Create(Code.Xor_rm32_imm32, Register.EAX, 1 << _dice.Pick<int>(21, 7, 8)));
                Add(Instruction.Create(Code.Mov_cr_r64, Register.CR4, Register.RAX));
                break;
            case 3:
                Add(Instruction.Create(_dice.Chance(30) ? Code.Cli : Code.Sti));
                break;
            case 4: // the shadow of MOV SS
                Add(Instruction.Create(Code.Mov_r32_rm32, Register.EAX, Register.EAX));
                Add(Instruction.Create(Code.Mov_r32_imm32, Register.EAX, KernelData));
                Add(Instruction.Create(Code.Mov_Sreg_rm16, Register.SS, Register.AX));
                break;
            default:
                Add(Instruction.Create(Code.Invlpg_m, Absolute(Data + (PageSize * (ulong)_dice.Below(DataPages)))));
                break;
        }
    }

    private void Add(Instruction instruction, int target = -1, int offset = 0) => _items.Add(new ProgramItem(instruction, target, offset));

    private static Instruction RipRelative(Code code, Register register)
    {
        var operand = new MemoryOperand(Register.RIP, (long)Somewhere);
        return code.ToOpCode().GetOpKind(0) is OpCodeOperandKind.r64_reg ? Instruction.Create(code, register, operand) : Instruction.Create(code, operand, register);
    }

    private static MemoryOperand Absolute(ulong address) => new(Register.None, (long)address, 8);

    private sealed class Nowhere : CodeWriter
    {
        public override void WriteByte(byte value)
        {
        }
    }
}
