using System.Buffers.Binary;
using System.IO.Hashing;
using ZstdSharp;

namespace Emu.Core.Snapshots;

/// <summary>Collects blobs and compresses them in groups into one pack file. The format is described in docs/snapshot-format.md.</summary>
internal sealed class PackWriter : IDisposable
{
    /// <summary>Bytes of blobs compressed together: large enough for a good ratio, small enough to be read for one page.</summary>
    public const int GroupSize = 1 << 18;

    private readonly MemoryStream _groups = new();
    private readonly List<PackGroup> _groupTable = [];
    private readonly SortedDictionary<UInt128, PackEntry> _entries = [];
    private readonly byte[] _buffer = new byte[GroupSize];
    private readonly Compressor _compressor = new(level: 1);
    private int _filled;

    /// <summary>Number of blobs.</summary>
    public int Count => _entries.Count;

    /// <summary>The blob is in this pack.</summary>
    public bool Contains(UInt128 address) => _entries.ContainsKey(address);

    /// <summary>Adds a blob of at most <see cref="GroupSize"/> bytes.</summary>
    public void Add(UInt128 address, ReadOnlySpan<byte> blob)
    {
        if (_filled + blob.Length > GroupSize)
            CloseGroup();
        blob.CopyTo(_buffer.AsSpan(_filled));
        _entries.Add(address, new PackEntry(_groupTable.Count, _filled, blob.Length));
        _filled += blob.Length;
    }

    /// <summary>Writes the pack to a folder.</summary>
    /// <returns>Its name, which is the hash of its index.</returns>
    public string WriteTo(string folder)
    {
        if (_filled > 0)
            CloseGroup();
        byte[] index = Index();
        UInt128 hash = XxHash128.HashToUInt128(index);
        string name = HexHash.Format(hash);
        AtomicFile.Write(Path.Combine(folder, name + PackFile.Extension), stream =>
        {
            stream.Write(PackFile.Magic);
            Span<byte> digest = stackalloc byte[16];
            BinaryPrimitives.WriteUInt128LittleEndian(digest, hash);
            stream.Write(digest);
            stream.Write(index);
            _groups.WriteTo(stream);
        });
        return name;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _compressor.Dispose();
        _groups.Dispose();
    }

    private void CloseGroup()
    {
        ReadOnlySpan<byte> stored = _compressor.Wrap(_buffer.AsSpan(0, _filled));
        _groupTable.Add(new PackGroup(_groups.Position, stored.Length, _filled, XxHash128.HashToUInt128(stored)));
        _groups.Write(stored);
        _filled = 0;
    }

    private byte[] Index()
    {
        var index = new byte[8 + (_groupTable.Count * PackGroup.Length) + (_entries.Count * PackEntry.RecordLength)];
        Span<byte> rest = index;
        BinaryPrimitives.WriteInt32LittleEndian(rest, _groupTable.Count);
        BinaryPrimitives.WriteInt32LittleEndian(rest[4..], _entries.Count);
        rest = rest[8..];
        foreach (PackGroup group in _groupTable)
        {
            group.WriteTo(rest);
            rest = rest[PackGroup.Length..];
        }

        foreach ((UInt128 address, PackEntry entry) in _entries)
        {
            entry.WriteTo(address, rest);
            rest = rest[PackEntry.RecordLength..];
        }

        return index;
    }
}
