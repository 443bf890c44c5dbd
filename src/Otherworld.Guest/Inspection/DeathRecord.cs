using System.Text;

namespace Otherworld.Guest.Inspection;

/// <summary>What a kernel of ours writes down about itself and, dying, about its death: <c>struct ow_record</c> of images/kernel/otherworld/otherworld.h.</summary>
/// <param name="Generation">Of the kernel: 1 for the one loaded from outside, one more with each crash.</param>
/// <param name="Kind">How it died (<c>enum ow_crash_kind</c>); 0 while it lives.</param>
/// <param name="Registers">The kernel's registers at the crash.</param>
/// <param name="Message">Why it died.</param>
public sealed record DeathRecord(uint Generation, uint Kind, CrashRegisters Registers, string Message)
{
    /// <summary>OW_RECORD_MAGIC, how every record begins.</summary>
    public const ulong Magic = 0x6B63_6162_656D_6F63;

    /// <summary>Bytes of a record.</summary>
    public const int Length = MessageOffset + 256;

    private const int GenerationOffset = 8;
    private const int KindOffset = 16;
    private const int RegistersOffset = 32;
    private const int Cr2Offset = 200;
    private const int Cr3Offset = 208;
    private const int FsBaseOffset = 224;
    private const int GsBaseOffset = 232;
    private const int MessageOffset = 248;

    /// <summary>Reads one.</summary>
    /// <param name="record"><see cref="Length"/> bytes.</param>
    /// <returns>Null where there is none.</returns>
    public static DeathRecord? Parse(byte[] record)
    {
        if (BitConverter.ToUInt64(record) != Magic)
            return null;
        ReadOnlySpan<byte> message = record.AsSpan(MessageOffset);
        int end = message.IndexOf((byte)0);
        CrashRegisters registers = CrashRegisters.OfExceptionFrame(record[RegistersOffset..Cr2Offset]) with
        {
            FsBase = BitConverter.ToUInt64(record, FsBaseOffset),
            GsBase = BitConverter.ToUInt64(record, GsBaseOffset),
            Cr2 = BitConverter.ToUInt64(record, Cr2Offset),
            Cr3 = BitConverter.ToUInt64(record, Cr3Offset),
        };
        return new DeathRecord(
            BitConverter.ToUInt32(record, GenerationOffset), BitConverter.ToUInt32(record, KindOffset), registers, Encoding.ASCII.GetString(end < 0 ? message : message[..end]));
    }
}
