using System.Buffers.Binary;
using System.Text;

namespace Otherworld.Guest.Tracing;

/// <summary>Writes messages in the encoding of Protocol Buffers (protobuf.dev/programming-guides/encoding): fields are a number with a type, and a value.</summary>
public sealed class ProtoWriter
{
    private const int Varint = 0;
    private const int LengthDelimited = 2;
    private const int LengthBytes = 4;

    private byte[] _bytes = new byte[4096];
    private int _length;

    /// <summary>What has been written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>Starts over.</summary>
    public void Clear() => _length = 0;

    /// <summary>A field with a number.</summary>
    public void Number(int field, ulong value)
    {
        Key(field, Varint);
        WriteVarint(value);
    }

    /// <summary>A field with a text.</summary>
    public void Text(int field, string value)
    {
        Key(field, LengthDelimited);
        int bytes = Encoding.UTF8.GetByteCount(value);
        WriteVarint((ulong)bytes);
        Reserve(bytes);
        _length += Encoding.UTF8.GetBytes(value, _bytes.AsSpan(_length));
    }

    /// <summary>A field with a message, whose fields are written before <see cref="Close"/>.</summary>
    /// <returns>For <see cref="Close"/>.</returns>
    public int Open(int field)
    {
        Key(field, LengthDelimited);
        Reserve(LengthBytes);
        _length += LengthBytes;
        return _length;
    }

    /// <summary>The message is complete. Its length takes four bytes whatever it is, up to 2^28, since it stands before what it counts.</summary>
    public void Close(int start)
    {
        uint length = (uint)(_length - start);
        uint spread = (length & 0x7F) | ((length & 0x3F80) << 1) | ((length & 0x1F_C000) << 2) | ((length & 0xFE0_0000) << 3) | 0x0080_8080;
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(start - LengthBytes), spread);
    }

    private void Key(int field, int type) => WriteVarint((ulong)((field << 3) | type));

    private void WriteVarint(ulong value)
    {
        Reserve(10);
        for (; value > 0x7F; value >>= 7)
            _bytes[_length++] = (byte)(value | 0x80);
        _bytes[_length++] = (byte)value;
    }

    private void Reserve(int bytes)
    {
        if (_length + bytes > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + bytes));
    }
}
