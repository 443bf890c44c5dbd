using System.Buffers.Binary;
using System.Text;

namespace Emu.Core.Acpi;

/// <summary>The few AML terms a device list needs (ACPI 6.5, 20.2). Nested terms are built inside out: a body is the bytes of another writer.</summary>
internal sealed class AmlWriter
{
    private const byte NameOp = 0x08, BytePrefix = 0x0A, DwordPrefix = 0x0C, StringPrefix = 0x0D, ScopeOp = 0x10, BufferOp = 0x11, PackageOp = 0x12;
    private const byte ExtOpPrefix = 0x5B, DeviceOp = 0x82;
    private readonly List<byte> _bytes = [];

    /// <summary>What was written.</summary>
    public byte[] ToArray() => [.. _bytes];

    public AmlWriter Raw(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>Name (<paramref name="name"/>, value), the value following.</summary>
    public AmlWriter Name(string name) => Raw(NameOp).Path(name);

    public AmlWriter Byte(byte value) => Raw(BytePrefix, value);

    public AmlWriter Dword(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Raw(DwordPrefix).Raw(bytes);
    }

    public AmlWriter Text(string value) => Raw(StringPrefix).Raw(Encoding.ASCII.GetBytes(value)).Raw(0);

    /// <summary>EISAID ("PNP0501"): three letters of five bits and four hexadecimal digits, stored big-endian (ACPI 6.5, 19.3.4).</summary>
    public AmlWriter EisaId(string id)
    {
        uint letters = (uint)((id[0] - '@') << 10 | (id[1] - '@') << 5 | (id[2] - '@'));
        return Dword(BinaryPrimitives.ReverseEndianness(letters << 16 | Convert.ToUInt32(id[3..], 16)));
    }

    public AmlWriter Scope(string name, AmlWriter body) => Raw(ScopeOp).Sized([.. new AmlWriter().Path(name)._bytes, .. body._bytes]);

    public AmlWriter Device(string name, AmlWriter body) => Raw(ExtOpPrefix, DeviceOp).Sized([.. new AmlWriter().Path(name)._bytes, .. body._bytes]);

    public AmlWriter Package(byte count, AmlWriter elements) => Raw(PackageOp).Sized([count, .. elements._bytes]);

    /// <summary>Buffer with a resource template, its end tag included.</summary>
    public AmlWriter Resources(AmlWriter descriptors)
    {
        byte[] content = [.. descriptors._bytes, 0x79, 0x00];
        return Raw(BufferOp).Sized([BytePrefix, checked((byte)content.Length), .. content]);
    }

    /// <summary>I/O ports, 16-bit decoded (ACPI 6.5, 6.4.2.5).</summary>
    public AmlWriter Io(ushort port, byte count) => Raw(0x47, 0x01, (byte)port, (byte)(port >> 8), (byte)port, (byte)(port >> 8), 0x01, count);

    /// <summary>One ISA interrupt: edge, active high, shareable (6.4.2.1).</summary>
    public AmlWriter Irq(int irq) => Raw(0x23, (byte)(1 << irq), (byte)(1 << irq >> 8), 0x11);

    /// <summary>Writable memory at a fixed 32-bit address (6.4.3.4).</summary>
    public AmlWriter Memory32(uint address, uint length)
    {
        Span<byte> bytes = stackalloc byte[12];
        bytes[0] = 0x86;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[1..], 9);
        bytes[3] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], address);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], length);
        return Raw(bytes);
    }

    /// <summary>One global system interrupt: consumer, level, active high, exclusive (6.4.3.6).</summary>
    public AmlWriter Interrupt(byte gsi) => Raw(0x89, 6, 0, 0x01, 1, gsi, 0, 0, 0);

    private AmlWriter Path(string name)
    {
        bool root = name[0] == '\\';
        if (root)
            Raw((byte)'\\');
        return Raw(Encoding.ASCII.GetBytes((root ? name[1..] : name).PadRight(4, '_')));
    }

    /// <summary>A package length, which counts its own bytes, and the content (20.2.4).</summary>
    private AmlWriter Sized(byte[] content)
    {
        if (content.Length + 1 < 0x40)
            return Raw((byte)(content.Length + 1)).Raw(content);
        int extra = content.Length + 2 < 0x1000 ? 1 : 2;
        int length = content.Length + 1 + extra;
        Raw((byte)(extra << 6 | length & 0xF), (byte)(length >> 4));
        if (extra == 2)
            Raw((byte)(length >> 12));
        return Raw(content);
    }
}
