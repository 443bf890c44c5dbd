using System.Buffers.Binary;
using System.Text;

namespace Emu.Core.Acpi;

/// <summary>One table with the standard header (ACPI 6.5, 5.2.6), checksummed when it is taken.</summary>
internal sealed class AcpiTable
{
    public const int HeaderSize = 36;
    private const int ChecksumOffset = 9;
    private readonly List<byte> _bytes;

    public AcpiTable(string signature, byte revision)
    {
        _bytes = [.. Encoding.ASCII.GetBytes(signature), 0, 0, 0, 0, revision, 0, .. "OTHERW"u8, .. "OTHERPC "u8];
        Dword(1).Dword(0x4F57_5254).Dword(1); // OEM revision, creator, creator revision
        Check.That(_bytes.Count == HeaderSize);
    }

    public int Length => _bytes.Count;

    public AcpiTable Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public AcpiTable Word(ushort value) => Raw((byte)value, (byte)(value >> 8));

    public AcpiTable Dword(uint value) => Word((ushort)value).Word((ushort)(value >> 16));

    public AcpiTable Qword(ulong value) => Dword((uint)value).Dword((uint)(value >> 32));

    /// <summary>Zeroes up to an offset.</summary>
    public AcpiTable PadTo(int offset)
    {
        while (_bytes.Count < offset)
            _bytes.Add(0);
        Check.That(_bytes.Count == offset);
        return this;
    }

    /// <summary>A register in the I/O space (5.2.3.2).</summary>
    /// <param name="port">Its port; 0 for a register that is not there.</param>
    /// <param name="bits">Its width.</param>
    /// <param name="access">1 byte, 2 word, 3 dword.</param>
    public AcpiTable Register(ushort port, byte bits, byte access) => port == 0 ? PadTo(Length + 12) : Raw(1, bits, 0, access).Qword(port);

    public byte[] ToArray()
    {
        byte[] bytes = [.. _bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), (uint)bytes.Length);
        bytes[ChecksumOffset] = ChecksumOf(bytes);
        return bytes;
    }

    /// <summary>What makes all bytes sum to zero.</summary>
    public static byte ChecksumOf(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (byte value in bytes)
            sum += value;
        return (byte)-sum;
    }
}
