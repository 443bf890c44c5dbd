using Iced.Intel;

namespace Otherworld.Guest.Faults;

/// <summary>Flips bits of the constants in an instruction's bytes.</summary>
internal static class FieldFault
{
    /// <summary>Where in the bytes displacement and immediate lie.</summary>
    public static ConstantOffsets Fields(in Instruction instruction, byte[] bytes)
    {
        var decoder = Decoder.Create(64, bytes, instruction.IP);
        return decoder.GetConstantOffsets(decoder.Decode());
    }

    /// <summary>Flips one bit of a field.</summary>
    public static byte[] FlipBit(byte[] bytes, int offset, int size, FaultPlacement placement)
    {
        int bit = (int)placement.Below((ulong)size * 8);
        bytes[offset + (bit / 8)] ^= (byte)(1 << (bit % 8));
        return bytes;
    }
}
