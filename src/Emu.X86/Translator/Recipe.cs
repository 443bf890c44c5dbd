using Emu.X86.State;
using Iced.Intel;

namespace Emu.X86.Translator;

/// <summary>What the translator knows of one encoding, from Iced's tables.</summary>
internal sealed class Recipe
{
    private const uint RaxAndRdx = (1u << (int)GeneralRegister.Rax) | (1u << (int)GeneralRegister.Rdx);
    private const uint LeaveRegisters = (1u << (int)GeneralRegister.Rsp) | (1u << (int)GeneralRegister.Rbp);

    private readonly OperandPlace[] _places;

    internal Recipe(Code code)
    {
        OpCodeInfo info = code.ToOpCode();
        Code = code;
        Mnemonic = code.Mnemonic();
        Treatment = Treatments.Of(code, info);
        _places = new OperandPlace[info.OpCount];
        bool byteReg = false, byteRm = false;
        bool wide = info.OperandSize == 64 || info.W == 1;
        for (int i = 0; i < info.OpCount; i++)
        {
            OpCodeOperandKind kind = info.GetOpKind(i);
            _places[i] = PlaceOf(kind);
            byteReg |= kind is OpCodeOperandKind.r8_reg;
            byteRm |= kind is OpCodeOperandKind.r8_or_mem or OpCodeOperandKind.r8_opcode;
            if (_places[i] == OperandPlace.Immediate)
                ImmediateSize = SizeOfImmediate(kind);
            if (_places[i] == OperandPlace.Other && Treatment is Treatment.Same or Treatment.SameCarryOnly)
                Treatment = Treatment.Interpret;
        }

        byte prefix = info.MandatoryPrefix switch
        {
            MandatoryPrefix.P66 => 0x66,
            MandatoryPrefix.PF3 => 0xF3,
            MandatoryPrefix.PF2 => 0xF2,
            _ => info.OperandSize == 16 ? (byte)0x66 : (byte)0,
        };
        byte map = info.Table switch { OpCodeTableKind.T0F => 1, OpCodeTableKind.T0F38 => 2, OpCodeTableKind.T0F3A => 3, _ => 0 };
        Encoding = new Encoding(prefix, map, (byte)info.OpCode, wide, byteReg, byteRm);
        if (Treatment is Treatment.X87 or Treatment.X87Control or Treatment.X87LoadControl)
            Encoding = new Encoding(0, 0, (byte)info.OpCode, false); // sizes are part of the opcode
        Group = info.GroupIndex;
        OperandBits = byteReg || byteRm ? 8 : info.OperandSize == 0 ? 32 : info.OperandSize;
        Instruction instruction = default;
        instruction.Code = code;
        ModifiesFlags = instruction.RflagsModified != RflagsBits.None;
        IsConditional = code.ConditionCode() != ConditionCode.None;
        NeedsXmm = Array.Exists(_places, place => place is OperandPlace.RegXmm or OperandPlace.RmXmm);
    }

    internal Code Code { get; }

    internal Mnemonic Mnemonic { get; }

    internal Treatment Treatment { get; }

    internal Encoding Encoding { get; }

    /// <summary>Opcode extension in ModRM.reg, or -1.</summary>
    internal int Group { get; }

    /// <summary>Bytes of the immediate.</summary>
    internal int ImmediateSize { get; }

    /// <summary>Width of the general operands: 8, 16, 32, 64.</summary>
    internal int OperandBits { get; }

    /// <summary>Works with XMM registers.</summary>
    internal bool NeedsXmm { get; }

    /// <summary>A translated SSE or x87 instruction.</summary>
    internal bool IsFloat => Treatment is Treatment.X87 || (NeedsXmm && Treatment != Treatment.Interpret);

    internal bool ModifiesFlags { get; }

    /// <summary>Jcc, SETcc, CMOVcc: the condition is in the opcode's low four bits.</summary>
    internal bool IsConditional { get; }

    internal int OperandCount => _places.Length;

    internal OperandPlace PlaceOf(int operand) => _places[operand];

    /// <summary>The first operand is also read (or only partly written).</summary>
    internal bool ReadsFirst
        => OperandBits < 32
            || Mnemonic is not (Mnemonic.Mov or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Movsxd or Mnemonic.Popcnt or Mnemonic.Movd or Mnemonic.Movq
                or Mnemonic.Cvttsd2si or Mnemonic.Cvttss2si or Mnemonic.Cvtsd2si or Mnemonic.Cvtss2si or Mnemonic.Pmovmskb or Mnemonic.Movmskpd or Mnemonic.Movmskps);

    /// <summary>Guest registers written without being operands, one bit each.</summary>
    internal uint ImplicitWrites => Mnemonic switch
    {
        Mnemonic.Mul or Mnemonic.Imul when _places.Length == 1 => RaxAndRdx,
        Mnemonic.Div or Mnemonic.Idiv => RaxAndRdx,
        Mnemonic.Cwd or Mnemonic.Cdq or Mnemonic.Cqo or Mnemonic.Rdtsc or Mnemonic.Cmpxchg16b => RaxAndRdx,
        Mnemonic.Cbw or Mnemonic.Cwde or Mnemonic.Cdqe or Mnemonic.Cmpxchg => 1,
        Mnemonic.Leave => LeaveRegisters,
        _ => 0,
    };

    internal bool WritesFirst => Mnemonic is not (Mnemonic.Cmp or Mnemonic.Test or Mnemonic.Bt or Mnemonic.Push);

    internal bool WritesSecond => Mnemonic is Mnemonic.Xchg or Mnemonic.Xadd;

    private static OperandPlace PlaceOf(OpCodeOperandKind kind) => kind switch
    {
        OpCodeOperandKind.r8_reg or OpCodeOperandKind.r16_reg or OpCodeOperandKind.r32_reg or OpCodeOperandKind.r64_reg => OperandPlace.Reg,
        OpCodeOperandKind.r8_or_mem or OpCodeOperandKind.r16_or_mem or OpCodeOperandKind.r32_or_mem or OpCodeOperandKind.r64_or_mem => OperandPlace.Rm,
        OpCodeOperandKind.mem => OperandPlace.Rm,
        OpCodeOperandKind.r8_opcode or OpCodeOperandKind.r16_opcode or OpCodeOperandKind.r32_opcode or OpCodeOperandKind.r64_opcode => OperandPlace.Opcode,
        OpCodeOperandKind.xmm_reg => OperandPlace.RegXmm,
        OpCodeOperandKind.xmm_or_mem or OpCodeOperandKind.xmm_rm => OperandPlace.RmXmm,
        OpCodeOperandKind.al or OpCodeOperandKind.ax or OpCodeOperandKind.eax or OpCodeOperandKind.rax or OpCodeOperandKind.cl => OperandPlace.Implied,
        OpCodeOperandKind.imm8_const_1 => OperandPlace.Implied,
        _ => SizeOfImmediate(kind) != 0 ? OperandPlace.Immediate : OperandPlace.Other,
    };

    private static int SizeOfImmediate(OpCodeOperandKind kind) => kind switch
    {
        OpCodeOperandKind.imm8 or OpCodeOperandKind.imm8sex16 or OpCodeOperandKind.imm8sex32 or OpCodeOperandKind.imm8sex64 => 1,
        OpCodeOperandKind.imm16 => 2,
        OpCodeOperandKind.imm32 or OpCodeOperandKind.imm32sex64 => 4,
        OpCodeOperandKind.imm64 => 8,
        _ => 0,
    };
}
