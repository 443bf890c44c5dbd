namespace Emu.X86.Translator;

/// <summary>Where an explicit operand stands in the encoding.</summary>
internal enum OperandPlace : byte
{
    /// <summary>Implied by the opcode and equal in the host (the accumulator, CL, the constant 1).</summary>
    Implied,

    /// <summary>ModRM.reg, general register.</summary>
    Reg,

    /// <summary>ModRM.reg, XMM register.</summary>
    RegXmm,

    /// <summary>ModRM.rm, general register or memory.</summary>
    Rm,

    /// <summary>ModRM.rm, XMM register or memory.</summary>
    RmXmm,

    /// <summary>Low three bits of the opcode.</summary>
    Opcode,
    Immediate,

    /// <summary>Something we do not translate.</summary>
    Other,
}
