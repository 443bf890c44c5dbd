using System.Buffers.Binary;

namespace Emu.Core.Snapshots;

/// <summary>Where a blob lies in a pack.</summary>
/// <param name="Group">Index of the group.</param>
/// <param name="Offset">Within the decompressed group.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct PackEntry(int Group, int Offset, int Length)
{
    /// <summary>Bytes of a record in the index: the blob's address, then this.</summary>
    public const int RecordLength = 28;

    /// <summary>Reads a record.</summary>
    public static PackEntry Read(ReadOnlySpan<byte> record, out UInt128 address)
    {
        address = BinaryPrimitives.ReadUInt128LittleEndian(record);
        return new PackEntry(
            BinaryPrimitives.ReadInt32LittleEndian(record[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(record[20..]),
            BinaryPrimitives.ReadInt32LittleEndian(record[24..]));
    }

    /// <summary>Writes a record.</summary>
    public void WriteTo(UInt128 address, Span<byte> record)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(record, address);
        BinaryPrimitives.WriteInt32LittleEndian(record[16..], Group);
        BinaryPrimitives.WriteInt32LittleEndian(record[20..], Offset);
        BinaryPrimitives.WriteInt32LittleEndian(record[24..], Length);
    }
}
