namespace Emu.X86.Translator;

/// <summary>Writes host instructions as bytes. Knows encodings, no guests.</summary>
internal sealed unsafe class HostEmitter
{
    private const int NoIndex = 4;

    /// <summary>Where the next byte goes.</summary>
    internal byte* Next { get; set; }

    internal void Byte(int value) => *Next++ = (byte)value;

    internal void Word(ushort value)
    {
        *(ushort*)Next = value;
        Next += 2;
    }

    internal void Dword(int value)
    {
        *(int*)Next = value;
        Next += 4;
    }

    internal void Qword(ulong value)
    {
        *(ulong*)Next = value;
        Next += 8;
    }

    /// <summary>An immediate of 0, 1, 2, 4 or 8 bytes.</summary>
    internal void Immediate(ulong value, int size)
    {
        for (int i = 0; i < size; i++)
            Byte((int)(value >> (8 * i)));
    }

    /// <summary>Opcode with a register in r/m.</summary>
    internal void Op(in Encoding encoding, int reg, int rm)
    {
        bool bytes = (encoding.ByteReg && IsNewByte(reg)) || (encoding.ByteRm && IsNewByte(rm));
        Head(in encoding, reg, 0, rm, bytes);
        Byte(0xC0 | ((reg & 7) << 3) | (rm & 7));
    }

    /// <summary>The same without a REX prefix, where AH, DH and BH are registers 4, 6 and 7.</summary>
    internal void OpWithoutRex(in Encoding encoding, int reg, int rm)
    {
        Prefix(in encoding);
        Opcode(in encoding);
        Byte(0xC0 | ((reg & 7) << 3) | (rm & 7));
    }

    /// <summary>Opcode with memory in r/m.</summary>
    internal void Op(in Encoding encoding, int reg, Memory memory)
    {
        Head(in encoding, reg, Math.Max(memory.Index, 0), memory.Base, encoding.ByteReg && IsNewByte(reg));
        ModRm(reg, memory);
    }

    /// <summary>Opcode with a register in its low three bits.</summary>
    internal void OpRegister(in Encoding encoding, int register)
    {
        Head(encoding with { Opcode = (byte)(encoding.Opcode + (register & 7)) }, 0, 0, register, encoding.ByteRm && IsNewByte(register));
    }

    /// <summary>Opcode without operands.</summary>
    internal void OpPlain(in Encoding encoding) => Head(in encoding, 0, 0, 0, bytes: false);

    /// <summary>A three-operand BMI2 instruction: <paramref name="prefix"/> 1 = 66H, 2 = F3H, 3 = F2H.</summary>
    internal void Vex(int prefix, int map, byte opcode, bool wide, int reg, int vvvv, int rm)
    {
        Vex(prefix, map, wide, reg, vvvv, 0, rm);
        Byte(opcode);
        Byte(0xC0 | ((reg & 7) << 3) | (rm & 7));
    }

    /// <summary>The same with memory in r/m.</summary>
    internal void Vex(int prefix, int map, byte opcode, bool wide, int reg, int vvvv, Memory memory)
    {
        Vex(prefix, map, wide, reg, vvvv, Math.Max(memory.Index, 0), memory.Base);
        Byte(opcode);
        ModRm(reg, memory);
    }

    internal void Load(int register, Memory memory) => Op(Encoding.Wide1(0x8B), register, memory);

    internal void Store(Memory memory, int register) => Op(Encoding.Wide1(0x89), register, memory);

    internal void Move(int target, int source) => Op(Encoding.Wide1(0x8B), target, source);

    internal void Lea(int register, Memory memory) => Op(Encoding.Wide1(0x8D), register, memory);

    /// <summary>LEA of an index without a base.</summary>
    internal void LeaScaled(int register, int index, int scale, int disp)
    {
        Head(Encoding.Wide1(0x8D), register, index, 0, bytes: false);
        Byte(((register & 7) << 3) | 4);
        Byte((scale << 6) | ((index & 7) << 3) | 5);
        Dword(disp);
    }

    /// <summary>A 64-bit constant in its shortest form that leaves the flags alone.</summary>
    internal void Constant(int register, ulong value)
    {
        if (value <= uint.MaxValue)
        {
            OpRegister(new Encoding(0, 0, 0xB8, false), register);
            Dword((int)value);
        }
        else if ((long)value == (int)value)
        {
            Op(Encoding.Wide1(0xC7), 0, register);
            Dword((int)value);
        }
        else
        {
            OpRegister(Encoding.Wide1(0xB8), register);
            Qword(value);
        }
    }

    /// <summary>RORX: rotates right by a constant.</summary>
    internal void RotateRight(int target, int source, int count)
    {
        Vex(3, 3, 0xF0, wide: true, target, 0, source);
        Byte(count);
    }

    /// <summary>SHRX: shifts right by a register.</summary>
    internal void ShiftRight(int target, int source, int count) => Vex(3, 2, 0xF7, wide: true, target, count, source);

    /// <summary>SARX: shifts right by a register, with the sign.</summary>
    internal void ShiftRightSigned(int target, int source, int count, bool wide) => Vex(2, 2, 0xF7, wide, target, count, source);

    /// <summary>PDEP: spreads the low bits of <paramref name="source"/> over the mask.</summary>
    internal void Deposit(int target, int source, Memory mask) => Vex(3, 2, 0xF5, wide: true, target, source, mask);

    /// <summary>PEXT: gathers the bits of <paramref name="source"/> that the mask has.</summary>
    internal void Extract(int target, int source, Memory mask) => Vex(2, 2, 0xF5, wide: true, target, source, mask);

    /// <summary>JRCXZ with a distance to fill in by <see cref="Here"/>.</summary>
    internal byte* JumpIfZero()
    {
        Byte(0xE3);
        Byte(0);
        return Next;
    }

    /// <summary>Makes an earlier short jump lead here.</summary>
    internal void Here(byte* jump)
    {
        long distance = Next - jump;
        Core.Check.That(distance <= sbyte.MaxValue);
        jump[-1] = (byte)distance;
    }

    internal void ShortJump(byte* target)
    {
        long distance = target - (Next + 2);
        Core.Check.That(distance >= sbyte.MinValue);
        Byte(0xEB);
        Byte((int)distance);
    }

    internal void Jump(byte* target)
    {
        Byte(0xE9);
        Dword((int)(target - (Next + 4)));
    }

    internal void Call(byte* target)
    {
        Byte(0xE8);
        Dword((int)(target - (Next + 4)));
    }

    /// <summary>JMP through a register.</summary>
    internal void JumpTo(int register) => Op(new Encoding(0, 0, 0xFF, false), 4, register);

    /// <summary>JMP through memory.</summary>
    internal void JumpTo(Memory memory) => Op(new Encoding(0, 0, 0xFF, false), 4, memory);

    private static bool IsNewByte(int register) => register is >= 4 and < 8;

    private void Head(in Encoding encoding, int reg, int index, int rm, bool bytes)
    {
        Prefix(in encoding);
        int rex = (encoding.Wide ? 8 : 0) | ((reg & 8) >> 1) | ((index & 8) >> 2) | ((rm & 8) >> 3);
        if (rex != 0 || bytes)
            Byte(0x40 | rex);
        Opcode(in encoding);
    }

    private void Prefix(in Encoding encoding)
    {
        if (encoding.Prefix != 0)
            Byte(encoding.Prefix);
    }

    private void Opcode(in Encoding encoding)
    {
        if (encoding.Map != 0)
            Byte(0x0F);
        if (encoding.Map == 2)
            Byte(0x38);
        else if (encoding.Map == 3)
            Byte(0x3A);
        Byte(encoding.Opcode);
    }

    private void Vex(int prefix, int map, bool wide, int reg, int vvvv, int index, int rm)
    {
        Byte(0xC4);
        Byte((reg < 8 ? 0x80 : 0) | (index < 8 ? 0x40 : 0) | (rm < 8 ? 0x20 : 0) | map);
        Byte((wide ? 0x80 : 0) | ((~vvvv & 15) << 3) | prefix);
    }

    private void ModRm(int reg, Memory memory)
    {
        bool sib = memory.Index >= 0 || (memory.Base & 7) == NoIndex;
        int mode = memory.Disp == 0 && (memory.Base & 7) != 5 ? 0 : memory.Disp == (sbyte)memory.Disp ? 1 : 2;
        Byte((mode << 6) | ((reg & 7) << 3) | (sib ? NoIndex : memory.Base & 7));
        if (sib)
            Byte((memory.Scale << 6) | ((memory.Index < 0 ? NoIndex : memory.Index & 7) << 3) | (memory.Base & 7));
        if (mode == 1)
            Byte(memory.Disp);
        else if (mode == 2)
            Dword(memory.Disp);
    }
}
