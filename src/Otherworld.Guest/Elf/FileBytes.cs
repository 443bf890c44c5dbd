using System.Buffers.Binary;
using Emu.Core;

namespace Otherworld.Guest.Elf;

/// <summary>The content of a file somebody gave us, read with bounds: what lies outside is a truncated file, told to the user in one line.</summary>
/// <param name="name">The path as the user gave it, for messages.</param>
/// <param name="content">All bytes.</param>
public sealed class FileBytes(string name, ReadOnlyMemory<byte> content)
{
    private readonly ReadOnlyMemory<byte> _content = content;

    /// <summary>The path as the user gave it.</summary>
    public string Name { get; } = name;

    /// <summary>Bytes in the file.</summary>
    public ulong Length => (ulong)_content.Length;

    /// <summary>All bytes.</summary>
    public ReadOnlySpan<byte> Span => _content.Span;

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="OtherworldException">It is missing, unreadable, a folder or larger than 2 GiB.</exception>
    public static FileBytes Load(string path, string what)
    {
        try
        {
            return new FileBytes(path, File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OtherworldException($"{what} '{path}' does not exist. Check the path.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new OtherworldException($"{what} '{path}' cannot be read: {e.Message.TrimEnd('.')}. Give a readable file.");
        }
    }

    /// <summary>Little-endian 16 bits at an offset.</summary>
    public ushort U16(ulong offset) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(offset, 2));

    /// <summary>Little-endian 32 bits at an offset.</summary>
    public uint U32(ulong offset) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(offset, 4));

    /// <summary>Little-endian 64 bits at an offset.</summary>
    public ulong U64(ulong offset) => BinaryPrimitives.ReadUInt64LittleEndian(Slice(offset, 8));

    /// <summary>One byte.</summary>
    public byte U8(ulong offset) => Slice(offset, 1)[0];

    /// <summary>A range of the file.</summary>
    /// <exception cref="OtherworldException">The file ends before it.</exception>
    public ReadOnlySpan<byte> Slice(ulong offset, ulong length)
    {
        if (offset > Length || length > Length - offset)
            throw new OtherworldException($"'{Name}' is truncated: {length} bytes at offset {offset:#,0} are wanted, the file has {Length:#,0}. Copy it again.");
        return _content.Span.Slice((int)offset, (int)length);
    }

    /// <summary>Zero-terminated ASCII text; ends at the file's end at the latest.</summary>
    public string Text(ulong offset)
    {
        ReadOnlySpan<byte> rest = offset < Length ? _content.Span[(int)offset..] : default;
        int end = rest.IndexOf((byte)0);
        return System.Text.Encoding.ASCII.GetString(end < 0 ? rest : rest[..end]);
    }
}
