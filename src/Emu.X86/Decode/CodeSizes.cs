using Iced.Intel;

namespace Emu.X86.Decode;

/// <summary>Effective operand size of an encoding, from Iced's encoding tables.</summary>
internal static class CodeSizes
{
    /// <summary>2, 4 or 8 bytes.</summary>
    internal static byte OperandSizeOf(this Code code, int bitness)
    {
        OpCodeInfo info = code.ToOpCode();
        if (info.OperandSize != 0)
            return (byte)(info.OperandSize / 8);
        return bitness == 16 ? (byte)2 : (byte)4;
    }
}
