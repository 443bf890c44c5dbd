using Iced.Intel;

namespace Emu.X86.Tests.Rows;

/// <summary>Makes random instructions of a given encoding for 64-bit mode, with every memory operand inside an area that RBX points into.</summary>
internal sealed class RowInstructions(Random random)
{
    /// <summary>Base register of every memory operand; never another operand.</summary>
    internal const Register Base = Register.RBX;

    /// <summary>Index register of every memory operand that has one; its value is small.</summary>
    internal const Register Index = Register.R12;

    private static readonly int[] Free = [0, 1, 2, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15];

    /// <summary>A random instruction, or false when the encoding has an operand this cannot make (branches, system registers).</summary>
    internal bool TryMake(Code code, bool memory, out Instruction instruction)
    {
        OpCodeInfo info = code.ToOpCode();
        instruction = new Instruction { Code = code };
        for (int i = 0; i < info.OpCount; i++)
        {
            if (!TryOperand(ref instruction, i, info.GetOpKind(i), memory))
                return false;
        }

        return true;
    }

    /// <summary>The encoding exists with a memory operand (and with a register in its place).</summary>
    internal static (bool Register, bool Memory) Forms(Code code)
    {
        OpCodeInfo info = code.ToOpCode();
        bool both = false, only = false;
        for (int i = 0; i < info.OpCount; i++)
        {
            OpCodeOperandKind kind = info.GetOpKind(i);
            both |= kind.ToString().EndsWith("_or_mem", StringComparison.Ordinal);
            only |= kind is OpCodeOperandKind.mem or OpCodeOperandKind.mem_offs;
        }

        return (!only, both || only);
    }

    private bool TryOperand(ref Instruction instruction, int operand, OpCodeOperandKind kind, bool memory)
    {
        string name = kind.ToString();
        if (kind is OpCodeOperandKind.mem || (memory && name.EndsWith("_or_mem", StringComparison.Ordinal)))
        {
            SetMemory(ref instruction, operand);
            return true;
        }

        Register register = RegisterFor(kind);
        if (register != Register.None)
        {
            instruction.SetOpRegister(operand, register);
            return true;
        }

        return TryImmediate(ref instruction, operand, kind);
    }

    private void SetMemory(ref Instruction instruction, int operand)
    {
        instruction.SetOpKind(operand, OpKind.Memory);
        instruction.MemoryBase = Base;
        if (random.Next(2) == 0)
        {
            instruction.MemoryIndex = Index;
            instruction.MemoryIndexScale = 1 << random.Next(4);
        }

        instruction.MemoryDisplSize = 8;
        instruction.MemoryDisplacement64 = (ulong)(long)(random.Next(-64, 64) * 16);
    }

    private Register RegisterFor(OpCodeOperandKind kind)
    {
        int number = Free[random.Next(Free.Length)];
        switch (kind)
        {
            case OpCodeOperandKind.r8_or_mem or OpCodeOperandKind.r8_reg or OpCodeOperandKind.r8_opcode:
                return random.Next(4) == 0 ? Register.AH + random.Next(3) : Byte(number);
            case OpCodeOperandKind.r16_or_mem or OpCodeOperandKind.r16_reg or OpCodeOperandKind.r16_opcode or OpCodeOperandKind.r16_rm:
                return Register.AX + number;
            case OpCodeOperandKind.r32_or_mem or OpCodeOperandKind.r32_reg or OpCodeOperandKind.r32_opcode or OpCodeOperandKind.r32_rm:
                return Register.EAX + number;
            case OpCodeOperandKind.r64_or_mem or OpCodeOperandKind.r64_reg or OpCodeOperandKind.r64_opcode or OpCodeOperandKind.r64_rm:
                return Register.RAX + number;
            case OpCodeOperandKind.mm_or_mem or OpCodeOperandKind.mm_reg or OpCodeOperandKind.mm_rm:
                return Register.MM0 + random.Next(8);
            case OpCodeOperandKind.xmm_or_mem or OpCodeOperandKind.xmm_reg or OpCodeOperandKind.xmm_rm:
                return Register.XMM0 + random.Next(16);
            case OpCodeOperandKind.sti_opcode:
                return Register.ST0 + random.Next(8);
            case OpCodeOperandKind.st0:
                return Register.ST0;
            case OpCodeOperandKind.al:
                return Register.AL;
            case OpCodeOperandKind.cl:
                return Register.CL;
            case OpCodeOperandKind.ax:
                return Register.AX;
            case OpCodeOperandKind.eax:
                return Register.EAX;
            case OpCodeOperandKind.rax:
                return Register.RAX;
            default:
                return Register.None;
        }
    }

    private static Register Byte(int number) => number < 4 ? Register.AL + number : Register.SPL + (number - 4);

    private bool TryImmediate(ref Instruction instruction, int operand, OpCodeOperandKind kind)
    {
        switch (kind)
        {
            case OpCodeOperandKind.imm8 or OpCodeOperandKind.imm4_m2z:
                instruction.SetOpKind(operand, operand > 0 && instruction.GetOpKind(operand - 1) == OpKind.Immediate8 ? OpKind.Immediate8_2nd : OpKind.Immediate8);
                instruction.SetImmediate(operand, (byte)random.Next(256));
                return true;
            case OpCodeOperandKind.imm8_const_1:
                instruction.SetOpKind(operand, OpKind.Immediate8);
                instruction.SetImmediate(operand, 1);
                return true;
            case OpCodeOperandKind.imm8sex16:
                return Set(ref instruction, operand, OpKind.Immediate8to16, (sbyte)random.Next(256));
            case OpCodeOperandKind.imm8sex32:
                return Set(ref instruction, operand, OpKind.Immediate8to32, (sbyte)random.Next(256));
            case OpCodeOperandKind.imm8sex64:
                return Set(ref instruction, operand, OpKind.Immediate8to64, (sbyte)random.Next(256));
            case OpCodeOperandKind.imm16:
                return Set(ref instruction, operand, OpKind.Immediate16, (ushort)random.Next(65536));
            case OpCodeOperandKind.imm32:
                return Set(ref instruction, operand, OpKind.Immediate32, (uint)random.NextInt64(1L << 32));
            case OpCodeOperandKind.imm32sex64:
                return Set(ref instruction, operand, OpKind.Immediate32to64, (int)random.NextInt64(1L << 32));
            case OpCodeOperandKind.imm64:
                return Set(ref instruction, operand, OpKind.Immediate64, random.NextInt64());
            case OpCodeOperandKind.seg_rSI:
                instruction.SetOpKind(operand, OpKind.MemorySegRSI);
                return true;
            case OpCodeOperandKind.es_rDI:
                instruction.SetOpKind(operand, OpKind.MemoryESRDI);
                return true;
            default:
                return false;
        }
    }

    private static bool Set(ref Instruction instruction, int operand, OpKind kind, long value)
    {
        instruction.SetOpKind(operand, kind);
        instruction.SetImmediate(operand, value);
        return true;
    }
}
