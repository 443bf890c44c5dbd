using Iced.Intel;

namespace Fuzz.Tests.Programs;

/// <summary>Fills the operands of an encoding at random. Pointers to interesting places are in most registers when a stretch of program begins.</summary>
internal sealed class OperandWriter(Dice dice)
{
    /// <summary>Registers that results mostly go to, so that the others keep their pointers for a while.</summary>
    private static readonly int[] Results = [0, 1, 2, 8, 9, 10, 11];

    private readonly Dice _dice = dice;

    /// <summary>Makes an instruction of an encoding.</summary>
    /// <returns>False when it has an operand that only code with labels can have.</returns>
    public bool TryWrite(Code code, out Instruction instruction)
    {
        OpCodeInfo info = code.ToOpCode();
        instruction = new Instruction { Code = code };
        bool memory = _dice.Chance(50);
        for (int i = 0; i < info.OpCount; i++)
        {
            if (!TryOperand(ref instruction, i, info.GetOpKind(i), memory))
                return false;
        }

        if (info.CanUseLockPrefix && instruction.Op0Kind == OpKind.Memory && _dice.Chance(35))
            instruction.HasLockPrefix = true;
        return true;
    }

    /// <summary>A memory operand through a random register, through none, or with everything.</summary>
    public void SetMemory(ref Instruction instruction, int operand)
    {
        instruction.SetOpKind(operand, OpKind.Memory);
        bool narrow = _dice.Chance(4);
        if (_dice.Chance(6))
        {
            instruction.MemoryDisplSize = narrow ? 4 : 8;
            instruction.MemoryDisplacement64 = ProgramValues.PageEdge(_dice, ProgramLayout.Data, ProgramLayout.DataPages);
        }
        else
        {
            instruction.MemoryBase = (narrow ? Register.EAX : Register.RAX) + _dice.Below(16);
            instruction.MemoryDisplSize = narrow ? 4 : 8;
            instruction.MemoryDisplacement64 = (ulong)(long)(_dice.Chance(70) ? _dice.Between(-20, 21) : _dice.Between(-6000, 6000));
        }

        if (_dice.Chance(8))
        {
            int index = _dice.Below(15);
            instruction.MemoryIndex = (narrow ? Register.EAX : Register.RAX) + (index >= 4 ? index + 1 : index);
            instruction.MemoryIndexScale = 1 << _dice.Below(4);
        }

        if (_dice.Chance(8))
            instruction.SegmentPrefix = _dice.Pick(Register.FS, Register.GS, Register.FS, Register.GS, Register.ES, Register.CS, Register.SS, Register.DS);
    }

    private bool TryOperand(ref Instruction instruction, int operand, OpCodeOperandKind kind, bool memory)
    {
        string name = kind.ToString();
        if (kind is OpCodeOperandKind.mem || (memory && name.EndsWith("_or_mem", StringComparison.Ordinal)))
        {
            SetMemory(ref instruction, operand);
            return true;
        }

        if (kind == OpCodeOperandKind.mem_offs)
        {
            instruction.SetOpKind(operand, OpKind.Memory);
            instruction.MemoryDisplSize = 8;
            instruction.MemoryDisplacement64 = ProgramValues.PageEdge(_dice, ProgramLayout.Data, ProgramLayout.DataPages);
            return true;
        }

        Register register = RegisterFor(kind);
        if (register != Register.None)
        {
            instruction.SetOpRegister(operand, register);
            return true;
        }

        return TryImplicitMemory(ref instruction, operand, kind) || TryImmediate(ref instruction, operand, kind);
    }

    private Register RegisterFor(OpCodeOperandKind kind)
    {
        int number = _dice.Chance(80) ? Results[_dice.Below(Results.Length)] : _dice.Below(16);
        return kind switch
        {
            OpCodeOperandKind.r8_or_mem or OpCodeOperandKind.r8_reg or OpCodeOperandKind.r8_opcode => Byte(number),
            OpCodeOperandKind.r16_or_mem or OpCodeOperandKind.r16_reg or OpCodeOperandKind.r16_opcode or OpCodeOperandKind.r16_rm or OpCodeOperandKind.r16_reg_mem => Register.AX + number,
            OpCodeOperandKind.r32_or_mem or OpCodeOperandKind.r32_reg or OpCodeOperandKind.r32_opcode or OpCodeOperandKind.r32_rm or OpCodeOperandKind.r32_reg_mem => Register.EAX + number,
            OpCodeOperandKind.r64_or_mem or OpCodeOperandKind.r64_reg or OpCodeOperandKind.r64_opcode or OpCodeOperandKind.r64_rm or OpCodeOperandKind.r64_reg_mem => Register.RAX + number,
            OpCodeOperandKind.mm_or_mem or OpCodeOperandKind.mm_reg or OpCodeOperandKind.mm_rm => Register.MM0 + _dice.Below(8),
            OpCodeOperandKind.xmm_or_mem or OpCodeOperandKind.xmm_reg or OpCodeOperandKind.xmm_rm => Register.XMM0 + _dice.Below(16),
            OpCodeOperandKind.seg_reg => _dice.Pick(Register.ES, Register.SS, Register.DS, Register.FS, Register.GS),
            OpCodeOperandKind.cr_reg => _dice.Pick(Register.CR0, Register.CR2, Register.CR3, Register.CR4, Register.CR8),
            OpCodeOperandKind.sti_opcode => Register.ST0 + _dice.Below(8),
            OpCodeOperandKind.st0 => Register.ST0,
            OpCodeOperandKind.es => Register.ES,
            OpCodeOperandKind.fs => Register.FS,
            OpCodeOperandKind.gs => Register.GS,
            OpCodeOperandKind.al => Register.AL,
            OpCodeOperandKind.cl => Register.CL,
            OpCodeOperandKind.ax => Register.AX,
            OpCodeOperandKind.dx => Register.DX,
            OpCodeOperandKind.eax => Register.EAX,
            OpCodeOperandKind.rax => Register.RAX,
            _ => Register.None,
        };
    }

    private Register Byte(int number)
    {
        if (number < 4 && _dice.Chance(25))
            return Register.AH + number;
        return number < 4 ? Register.AL + number : Register.SPL + (number - 4);
    }

    private static bool TryImplicitMemory(ref Instruction instruction, int operand, OpCodeOperandKind kind)
    {
        OpKind memory = kind switch
        {
            OpCodeOperandKind.seg_rSI => OpKind.MemorySegRSI,
            OpCodeOperandKind.es_rDI => OpKind.MemoryESRDI,
            OpCodeOperandKind.seg_rDI => OpKind.MemorySegRDI,
            OpCodeOperandKind.seg_rBX_al => OpKind.Memory,
            _ => OpKind.Register,
        };
        if (memory == OpKind.Register)
            return false;
        instruction.SetOpKind(operand, memory);
        if (memory == OpKind.Memory)
        {
            instruction.MemoryBase = Register.RBX;
            instruction.MemoryIndex = Register.AL;
        }

        return true;
    }

    private bool TryImmediate(ref Instruction instruction, int operand, OpCodeOperandKind kind)
    {
        long number = (long)ProgramValues.Number(_dice);
        (OpKind Kind, long Value)? immediate = kind switch
        {
            OpCodeOperandKind.imm8 or OpCodeOperandKind.imm4_m2z =>
                (operand > 0 && instruction.GetOpKind(operand - 1) is OpKind.Immediate8 or OpKind.Immediate16 ? OpKind.Immediate8_2nd : OpKind.Immediate8, (byte)number),
            OpCodeOperandKind.imm8_const_1 => (OpKind.Immediate8, 1),
            OpCodeOperandKind.imm8sex16 => (OpKind.Immediate8to16, (sbyte)number),
            OpCodeOperandKind.imm8sex32 => (OpKind.Immediate8to32, (sbyte)number),
            OpCodeOperandKind.imm8sex64 => (OpKind.Immediate8to64, (sbyte)number),
            OpCodeOperandKind.imm16 => (OpKind.Immediate16, (ushort)number),
            OpCodeOperandKind.imm32 => (OpKind.Immediate32, (uint)number),
            OpCodeOperandKind.imm32sex64 => (OpKind.Immediate32to64, (int)number),
            OpCodeOperandKind.imm64 => (OpKind.Immediate64, (long)ProgramValues.Register(_dice)),
            _ => null,
        };
        if (immediate is not { } found)
            return false;
        instruction.SetOpKind(operand, found.Kind);
        instruction.SetImmediate(operand, found.Value);
        return true;
    }
}
