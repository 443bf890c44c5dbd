using System.Buffers.Binary;

namespace Emu.Core.Snapshots;

/// <summary>A compressed group of blobs in a pack.</summary>
/// <param name="Offset">From the end of the index.</param>
/// <param name="StoredLength">Bytes in the file, one zstd frame.</param>
/// <param name="PlainLength">Bytes after decompression.</param>
/// <param name="Hash">XxHash128 of the bytes in the file.</param>
internal readonly record struct PackGroup(long Offset, int StoredLength, int PlainLength, UInt128 Hash)
{
    /// <summary>Bytes of a record in the index.</summary>
    public const int Length = 32;

    /// <summary>Reads a record.</summary>
    public static PackGroup Read(ReadOnlySpan<byte> record) => new(
        BinaryPrimitives.ReadInt64LittleEndian(record),
        BinaryPrimitives.ReadInt32LittleEndian(record[8..]),
        BinaryPrimitives.ReadInt32LittleEndian(record[12..]),
        BinaryPrimitives.ReadUInt128LittleEndian(record[16..]));

    /// <summary>Writes a record.</summary>
    public void WriteTo(Span<byte> record)
    {
        BinaryPrimitives.WriteInt64LittleEndian(record, Offset);
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], StoredLength);
        BinaryPrimitives.WriteInt32LittleEndian(record[12..], PlainLength);
        BinaryPrimitives.WriteUInt128LittleEndian(record[16..], Hash);
    }
}
