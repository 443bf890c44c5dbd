using Iced.Intel;

namespace Otherworld.Guest.Faults;

/// <summary>Changes to the bytes of one instruction that leave its length alone.</summary>
internal static class InstructionBytes
{
    private const byte Nop = 0x90;
    private const byte Escape = 0x0F; // two-byte opcodes

    /// <summary>The general registers by width; their numbers are those of the encoding.</summary>
    private static readonly Register[] Families = [Register.AX, Register.EAX, Register.RAX];

    /// <summary>Nothing is done in so many bytes.</summary>
    public static byte[] Nothing(int length)
    {
        byte[] bytes = new byte[length];
        Array.Fill(bytes, Nop);
        return bytes;
    }

    /// <summary>The same instruction without its REP prefix; a byte that does nothing is in its place.</summary>
    public static byte[] WithoutRepeat(byte[] bytes) => [.. bytes.Select((value, index) => index == RepeatIndex(bytes) ? Nop : value)];

    /// <summary>The same instruction with REPE for REPNE and the other way round.</summary>
    public static byte[] WithOtherRepeat(byte[] bytes) => [.. bytes.Select((value, index) => index == RepeatIndex(bytes) ? (byte)(value ^ 1) : value)];

    /// <summary>The same instruction with another condition.</summary>
    /// <param name="instruction">A Jcc, SETcc or CMOVcc.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="flipped">Bits to flip in the condition's number: 1 negates it.</param>
    public static byte[] WithOtherCondition(in Instruction instruction, byte[] bytes, int flipped)
    {
        int escape = Array.IndexOf(bytes, Escape);
        int at = instruction.IsJccShort ? bytes.Length - 2 : escape + 1;
        bytes[at] ^= (byte)flipped;
        return bytes;
    }

    /// <summary>The register whose number differs in one bit, of the same width.</summary>
    /// <param name="register">A general register of 16, 32 or 64 bits.</param>
    /// <param name="bit">0 to 2.</param>
    public static Register Neighbour(Register register, int bit)
    {
        Register first = FamilyOf(register)!.Value;
        return first + ((register - first) ^ (1 << bit));
    }

    /// <summary>A general register of 16, 32 or 64 bits.</summary>
    public static bool IsGeneral(Register register) => FamilyOf(register) is not null;

    /// <summary>Bytes of a changed instruction, filled up to a length.</summary>
    /// <returns>Null when there is none of that length.</returns>
    public static byte[]? Encode(in Instruction instruction, int length)
    {
        ByteCollector collector = new();
        if (!Encoder.Create(64, collector).TryEncode(instruction, instruction.IP, out _, out _) || collector.Bytes.Count > length)
            return null;
        return [.. collector.Bytes, .. Nothing(length - collector.Bytes.Count)];
    }

    private static int RepeatIndex(byte[] bytes) => Array.FindIndex(bytes, value => value is 0xF2 or 0xF3);

    private static Register? FamilyOf(Register register)
    {
        foreach (Register first in Families)
        {
            if (register >= first && register < first + 16)
                return first;
        }

        return null;
    }

    private sealed class ByteCollector : CodeWriter
    {
        public List<byte> Bytes { get; } = [];

        public override void WriteByte(byte value) => Bytes.Add(value);
    }
}
