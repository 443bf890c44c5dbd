using System.Buffers.Binary;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;
using ZstdSharp;

namespace Emu.Core.Snapshots;

/// <summary>A pack to read from; the file is opened anew for each group, so that a store may have any number of them. Its index is checked when it is opened, each group when it is read, each blob when it is taken out.</summary>
internal sealed class PackFile
{
    /// <summary>Of the file name.</summary>
    public const string Extension = ".owpack";

    private const int HeaderLength = 32;

    private readonly string _path;
    private readonly PackGroup[] _groups;
    private readonly Dictionary<UInt128, PackEntry> _entries = [];
    private readonly long _groupsStart;
    private byte[] _plain = [];
    private int _loadedGroup = -1;

    /// <exception cref="OtherworldException">The file is missing, truncated, damaged or foreign.</exception>
    public PackFile(string folder, string name)
    {
        _path = Path.Combine(folder, name + Extension);
        using SafeFileHandle file = Open();
        (_groups, _groupsStart) = ReadIndex(file, name);
    }

    /// <summary>First bytes of a pack; the last one is the version.</summary>
    public static ReadOnlySpan<byte> Magic => "OWPACK\0\u0001"u8;

    /// <summary>Addresses of all blobs.</summary>
    public IReadOnlyCollection<UInt128> Addresses => _entries.Keys;

    /// <summary>The blob is here.</summary>
    public bool Contains(UInt128 address) => _entries.ContainsKey(address);

    /// <summary>The order in which to read blobs so that no group is decompressed twice.</summary>
    public int GroupOf(UInt128 address) => _entries[address].Group;

    /// <summary>A blob, valid until the next call.</summary>
    /// <exception cref="OtherworldException">It is damaged.</exception>
    public ReadOnlySpan<byte> Read(UInt128 address)
    {
        PackEntry entry = _entries[address];
        if (_loadedGroup != entry.Group)
            LoadGroup(entry.Group);
        ReadOnlySpan<byte> blob = _plain.AsSpan(entry.Offset, entry.Length);
        return XxHash128.HashToUInt128(blob) == address ? blob : throw Damaged("a page does not have the content its address says");
    }

    /// <summary>Reads and checks everything in the file.</summary>
    public void Verify()
    {
        foreach ((UInt128 address, PackEntry _) in _entries.OrderBy(pair => pair.Value.Group))
            Read(address);
        long end = _groups.Length == 0 ? 0 : _groups[^1].Offset + _groups[^1].StoredLength;
        using SafeFileHandle file = Open();
        if (RandomAccess.GetLength(file) != _groupsStart + end)
            throw Damaged("its length is wrong");
    }

    private SafeFileHandle Open()
    {
        try
        {
            return File.OpenHandle(_path, options: FileOptions.RandomAccess);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string folder = Path.GetFileName(Path.GetDirectoryName(_path)!);
            throw new OtherworldException($"the page pack '{_path}' cannot be read: {e.Message} Copy the folder '{folder}' together with the snapshots.", 3);
        }
    }

    private OtherworldException Damaged(string why) => new($"the page pack '{_path}' is damaged: {why}.", 3);

    private (PackGroup[] Groups, long Start) ReadIndex(SafeFileHandle file, string name)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        if (!TryRead(file, 0, header))
            throw Damaged("it is truncated");
        if (!header[..8].SequenceEqual(Magic))
            throw Damaged("it does not begin as a page pack of this version");
        UInt128 hash = BinaryPrimitives.ReadUInt128LittleEndian(header[8..]);
        int groupCount = BinaryPrimitives.ReadInt32LittleEndian(header[24..]);
        int entryCount = BinaryPrimitives.ReadInt32LittleEndian(header[28..]);
        long length = 8 + ((long)groupCount * PackGroup.Length) + ((long)entryCount * PackEntry.RecordLength);
        if (groupCount < 0 || entryCount < 0 || length > RandomAccess.GetLength(file))
            throw Damaged("it is truncated, or its counts are wrong");
        var index = new byte[length];
        if (!TryRead(file, 24, index) || XxHash128.HashToUInt128(index) != hash || HexHash.Format(hash) != name)
            throw Damaged("its index does not have the hash it should");
        var groups = new PackGroup[groupCount];
        ReadOnlySpan<byte> rest = index.AsSpan(8);
        foreach (ref PackGroup group in groups.AsSpan())
        {
            group = PackGroup.Read(rest);
            if (group.Offset < 0 || group.StoredLength is < 0 or > 2 * PackWriter.GroupSize || group.PlainLength is < 0 or > PackWriter.GroupSize)
                throw Damaged("its index describes no groups");
            rest = rest[PackGroup.Length..];
        }

        for (int i = 0; i < entryCount; i++, rest = rest[PackEntry.RecordLength..])
        {
            PackEntry entry = PackEntry.Read(rest, out UInt128 address);
            bool inGroup = (uint)entry.Group < (uint)groupCount && entry.Offset >= 0 && entry.Length >= 0 && entry.Offset <= groups[entry.Group].PlainLength - entry.Length;
            if (!inGroup || !_entries.TryAdd(address, entry))
                throw Damaged("its index describes no blobs");
        }

        return (groups, 24 + length);
    }

    private void LoadGroup(int number)
    {
        _loadedGroup = -1;
        PackGroup group = _groups[number];
        var stored = new byte[group.StoredLength];
        using SafeFileHandle file = Open();
        if (!TryRead(file, _groupsStart + group.Offset, stored))
            throw Damaged("it is truncated");
        using var decompressor = new Decompressor();
        _plain = new byte[group.PlainLength];
        if (XxHash128.HashToUInt128(stored) != group.Hash || decompressor.Unwrap(stored, _plain) != group.PlainLength)
            throw Damaged($"group {number} does not have the hash it should");
        _loadedGroup = number;
    }

    private static bool TryRead(SafeFileHandle file, long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int count = RandomAccess.Read(file, destination, offset);
            if (count == 0)
                return false;
            destination = destination[count..];
            offset += count;
        }

        return true;
    }
}
