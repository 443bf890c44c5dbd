using Emu.X86.Interpreter;
using Emu.X86.Semantics;
using Emu.X86.State;
using Iced.Intel;

namespace Emu.X86.Decode;

/// <summary>One Iced instruction to one op, with an address-generation op before it where its operand is not a plain 64-bit address.</summary>
internal static unsafe class OpBuilder
{
    private const int LongestInstruction = 15;

    /// <summary>Writes one or two ops.</summary>
    /// <param name="info">Tells what an instruction does to memory.</param>
    /// <param name="ends">Nothing may follow in the block.</param>
    /// <returns>How many ops were written.</returns>
    internal static int Build(Op* op, in Instruction instruction, int offset, int bitness, InstructionInfoFactory info, out bool ends)
    {
        ref readonly InsnRow row = ref InsnTable.Instance[instruction.Code];
        int memory = MemoryOperand(in instruction);
        bool hasMemory = memory >= 0 && (row.Traits & RowTraits.String) == 0;
        nint handler = hasMemory ? row.MemoryForm : row.RegisterForm;
        if (handler == 0)
        {
            Undefined(op, offset, instruction.Length);
            op->Code = (ushort)instruction.Code;
            ends = true;
            return 1;
        }

        int count = 0;
        Op main = default;
        main.Fn = (delegate*<Cpu*, Op*, Op*>)handler;
        main.Offset = (ushort)offset;
        main.Length = (byte)instruction.Length;
        main.Code = (ushort)instruction.Code;
        main.Prefixes = (byte)((instruction.HasRepPrefix ? 1 : 0) | (instruction.HasRepnePrefix ? 2 : 0) | (instruction.HasLockPrefix ? 4 : 0));
        main.OperandSize = row.OperandSize != 0 ? row.OperandSize : bitness == 16 ? (byte)2 : (byte)4;
        main.AddressSize = (byte)(bitness / 8);
        main.Base = main.Index = OperandRegister.Zero;
        FillOperands(ref main, in instruction, bitness);
        if (memory >= 0)
        {
            main.AddressSize = AddressSize(in instruction, bitness);
            main.Segment = (byte)(instruction.MemorySegment - Register.ES);
        }

        if (hasMemory)
        {
            main.Access = row.Access | SizeOf(in instruction, row.Access) | (main.Segment == (byte)SegmentIndex.Ss ? Access.Stack : 0);
            SetAddress(ref main, in instruction, bitness);
            if (NeedsGeneration(in main, in row, bitness))
            {
                AddressGeneration.Emit(op, ref main, in instruction, in row, bitness, info);
                count++;
            }

            if (row.BasedForm != 0 && main.Index == OperandRegister.Zero)
                main.Fn = (delegate*<Cpu*, Op*, Op*>)row.BasedForm;
        }
        else
        {
            main.Access = row.Access | SizeOf(in instruction, row.Access);
        }

        op[count++] = main;
        ends = (row.Traits & RowTraits.EndsBlock) != 0;
        return count;
    }

    /// <summary>Writes an op that raises #UD.</summary>
    internal static void Undefined(Op* op, int offset, int length)
    {
        *op = default;
        op->Fn = &RaiseUndefined;
        op->Offset = (ushort)offset;
        op->Length = (byte)length;
        op->Base = op->Index = OperandRegister.Zero;
    }

    private static Op* RaiseUndefined(Cpu* cpu, Op* op)
    {
        if (op->Code == (ushort)Code.INVALID && op->Length == LongestInstruction)
            return Leave.Fault(cpu, op, Exceptions.Vector.Gp); // SDM 3A 6.15: prefixes that make it longer than 15 bytes
        cpu->Processor.Report.Undefined((Code)op->Code);
        return Leave.Fault(cpu, op, Exceptions.Vector.Ud);
    }

    private static int MemoryOperand(in Instruction instruction)
    {
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) is OpKind.Memory or (>= OpKind.MemorySegSI and <= OpKind.MemoryESRDI))
                return i;
        }

        return -1;
    }

    private static void FillOperands(ref Op op, in Instruction instruction, int bitness)
    {
        bool immediate = false;
        for (int i = 0; i < instruction.OpCount; i++)
        {
            switch (instruction.GetOpKind(i))
            {
                case OpKind.Register:
                    SetRegister(ref op, i, OperandRegister.Encode(instruction.GetOpRegister(i)));
                    break;
                case OpKind.NearBranch64:
                    op.Imm = instruction.NearBranch64;
                    break;
                case OpKind.NearBranch32:
                case OpKind.NearBranch16:
                    // Decoded at IP 0: the target is the signed distance from the block's start.
                    op.Imm = bitness == 16 && instruction.GetOpKind(i) == OpKind.NearBranch16 ? (ulong)(short)instruction.NearBranch16 : (ulong)(int)instruction.NearBranch32;
                    break;
                case OpKind.FarBranch16:
                    op.Imm = instruction.FarBranch16;
                    op.Extra = instruction.FarBranchSelector;
                    break;
                case OpKind.FarBranch32:
                    op.Imm = instruction.FarBranch32;
                    op.Extra = instruction.FarBranchSelector;
                    break;
                case OpKind.Memory:
                case >= OpKind.MemorySegSI and <= OpKind.MemoryESRDI:
                    break;
                default:
                    if (immediate)
                        op.Extra = (ushort)instruction.GetImmediate(i);
                    else
                        op.Imm = instruction.GetImmediate(i);
                    immediate = true;
                    break;
            }
        }
    }

    private static void SetRegister(ref Op op, int operand, ushort value)
    {
        if (operand == 0)
            op.Dst = value;
        else if (operand == 1)
            op.Src = value;
        else
            op.Extra = value;
    }

    private static void SetAddress(ref Op op, in Instruction instruction, int bitness)
    {
        op.Base = OperandRegister.Encode(instruction.MemoryBase);
        op.Index = OperandRegister.Encode(instruction.MemoryIndex);
        op.Scale = (byte)System.Numerics.BitOperations.Log2((uint)instruction.MemoryIndexScale);
        // POP forms its address with the stack pointer already moved (SDM 2B, POP).
        ulong popped = instruction.Mnemonic == Mnemonic.Pop && instruction.MemoryBase is (Register.RSP or Register.ESP) ? (ulong)op.OperandSize : 0;
        op.Disp = popped + (bitness == 64 || instruction.MemoryBase is Register.RIP ? instruction.MemoryDisplacement64 : (ulong)(int)instruction.MemoryDisplacement32);
    }

    private static bool NeedsGeneration(in Op op, in InsnRow row, int bitness)
    {
        if ((row.Traits & RowTraits.AddressOnly) != 0)
            return op.AddressSize != 8;
        return bitness != 64 || op.AddressSize != 8 || op.Segment >= (byte)SegmentIndex.Fs;
    }

    private static Access SizeOf(in Instruction instruction, Access access)
    {
        if ((access & (Access.Read | Access.Write)) == 0)
            return 0;
        int size = (access & (Access.Push | Access.Pop)) != 0 ? Math.Abs(instruction.StackPointerIncrement) : instruction.MemorySize.GetSize();
        return (Access)Math.Clamp(size, 1, 64);
    }

    private static byte AddressSize(in Instruction instruction, int bitness)
    {
        for (int i = 0; i < instruction.OpCount; i++)
        {
            switch (instruction.GetOpKind(i))
            {
                case OpKind.MemorySegSI or OpKind.MemorySegDI or OpKind.MemoryESDI:
                    return 2;
                case OpKind.MemorySegESI or OpKind.MemorySegEDI or OpKind.MemoryESEDI:
                    return 4;
                case OpKind.MemorySegRSI or OpKind.MemorySegRDI or OpKind.MemoryESRDI:
                    return 8;
            }
        }

        Register register = instruction.MemoryBase != Register.None ? instruction.MemoryBase : instruction.MemoryIndex;
        if (register == Register.RIP)
            return 8;
        if (register == Register.EIP)
            return 4;
        if (register != Register.None)
            return (byte)register.GetSize();
        return (byte)instruction.MemoryDisplSize switch { 2 => 2, 4 => 4, 8 => 8, _ => (byte)(bitness / 8) };
    }
}
