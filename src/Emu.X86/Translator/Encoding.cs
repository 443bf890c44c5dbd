namespace Emu.X86.Translator;

/// <summary>The fixed part of a host instruction.</summary>
/// <param name="Prefix">0, or 66H, F2H, F3H.</param>
/// <param name="Map">0 for one-byte opcodes, 1 for 0F, 2 for 0F38, 3 for 0F3A.</param>
/// <param name="Opcode">Opcode byte.</param>
/// <param name="Wide">REX.W.</param>
/// <param name="ByteReg">The reg operand is a byte register.</param>
/// <param name="ByteRm">The r/m operand is a byte register when it is a register.</param>
internal readonly record struct Encoding(byte Prefix, byte Map, byte Opcode, bool Wide, bool ByteReg = false, bool ByteRm = false)
{
    /// <summary>A one-byte opcode with 64-bit operands.</summary>
    internal static Encoding Wide1(byte opcode) => new(0, 0, opcode, true);
}
