using System.Buffers.Binary;
using System.Text;
using Emu.Core.Memory;
using Emu.Core.State;

namespace Emu.Core.Snapshots;

/// <summary>An opened snapshot file with its packs. Reading checks everything that is read.</summary>
internal sealed class SnapshotContents
{
    /// <summary>Bytes that name one leaf in the file: its index and its address.</summary>
    public const int LeafRecordLength = 24;

    private readonly PackStore _store;
    private readonly string _path;

    private SnapshotContents(string path, SnapshotManifest manifest, byte[] payload)
    {
        _path = path;
        Manifest = manifest;
        _store = PackStore.Open(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, manifest.Store), manifest.Packs);
        try
        {
            (Parts, Tables) = ReadPayload(payload);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            throw Damaged(e.Message);
        }
    }

    /// <summary>What the file says about itself.</summary>
    public SnapshotManifest Manifest { get; }

    /// <summary>State structs.</summary>
    public IReadOnlyList<PartImage> Parts { get; }

    /// <summary>Which pages there are; their contents are still in the packs.</summary>
    public IReadOnlyList<PageTable> Tables { get; }

    /// <summary>Opens a file and checks it, but for the pages.</summary>
    /// <exception cref="OtherworldException">It is missing, truncated, damaged or foreign.</exception>
    public static SnapshotContents Open(string path)
    {
        (SnapshotManifest manifest, byte[] payload) = SnapshotFile.ReadEnvelope(path);
        return new SnapshotContents(path, manifest, payload);
    }

    /// <summary>Reads all pages.</summary>
    /// <exception cref="OtherworldException">One is missing or damaged, or the state does not have the hash the manifest says.</exception>
    public MemorySnapshot ReadAll()
    {
        if (HexHash.Format(SnapshotHash.Of(Parts, Tables)) != Manifest.StateHash)
            throw Damaged("its state does not have the hash its manifest says");
        Dictionary<UInt128, FrameRef> pages = ReadPages();
        PageTable ram = Tables[0];
        var image = RamImage.From(checked((int)Manifest.PageSets[0].Limit), ram.Numbers.Select((number, i) => ((int)number, pages[ram.Addresses[i]])));
        var sets = new SortedDictionary<string, PageImage>(StringComparer.Ordinal);
        foreach (PageTable table in Tables.Skip(1))
            sets.Add(table.Name, new PageImage(table.Numbers, Array.ConvertAll(table.Addresses, address => pages[address].Bytes.ToArray())));
        return MemorySnapshot.From(Manifest, image, Parts, sets);
    }

    /// <summary>Checks every byte of the packs.</summary>
    public void VerifyPacks() => _store.Verify();

    private Dictionary<UInt128, FrameRef> ReadPages()
    {
        UInt128[] addresses = _store.InReadingOrder(Tables.SelectMany(table => table.Addresses));
        var pages = new Dictionary<UInt128, FrameRef>(addresses.Length);
        var builder = new PageRegionBuilder(addresses.Length);
        foreach (UInt128 address in addresses)
        {
            ReadOnlySpan<byte> page = _store.Read(address);
            if (page.Length != PageStore.PageSize)
                throw Damaged("a page has a wrong length");
            pages.Add(address, builder.Add(page));
        }

        return pages;
    }

    private (IReadOnlyList<PartImage> Parts, IReadOnlyList<PageTable> Tables) ReadPayload(ReadOnlySpan<byte> payload)
    {
        if (Manifest.PageSets.Count == 0 || Manifest.PageSets[0].Name != "ram" || Manifest.PageSets[0].Limit > 1UL << 26)
            throw new InvalidDataException("its manifest lists no RAM");
        long wanted = Manifest.Sections.Sum(section => (long)section.Length) + Manifest.PageSets.Sum(set => (long)set.Leaves * LeafRecordLength);
        if (wanted != payload.Length || Manifest.Sections.Any(section => section.Length < 0) || Manifest.PageSets.Any(set => set.Leaves < 0))
            throw new InvalidDataException("the lengths in its manifest do not add up");
        var parts = new List<PartImage>();
        foreach (SnapshotSection section in Manifest.Sections)
        {
            var schema = StateSchema.Parse(Encoding.UTF8.GetString(_store.Read(HexHash.Parse(section.Layout))));
            if (schema.Size != section.Length)
                throw new InvalidDataException($"section '{section.Id}' has a wrong length");
            parts.Add(new PartImage(section.Id, schema, payload[..section.Length].ToArray()));
            payload = payload[section.Length..];
        }

        var tables = new List<PageTable>();
        foreach (SnapshotPageSet set in Manifest.PageSets)
        {
            tables.Add(ReadTable(set, payload));
            payload = payload[(set.Leaves * LeafRecordLength)..];
        }

        return (parts, tables);
    }

    private PageTable ReadTable(SnapshotPageSet set, ReadOnlySpan<byte> records)
    {
        var numbers = new List<ulong>();
        var addresses = new List<UInt128>();
        for (int i = 0; i < set.Leaves; i++)
        {
            ReadOnlySpan<byte> record = records.Slice(i * LeafRecordLength, LeafRecordLength);
            ReadOnlySpan<byte> leaf = _store.Read(BinaryPrimitives.ReadUInt128LittleEndian(record[8..]));
            PageLeaf.Read(BinaryPrimitives.ReadUInt64LittleEndian(record), leaf, numbers, addresses);
        }

        for (int i = 1; i < numbers.Count; i++)
        {
            if (numbers[i] <= numbers[i - 1])
                throw new InvalidDataException($"the pages of '{set.Name}' are not in order");
        }

        if (numbers.Count != set.Count || (numbers.Count > 0 && numbers[^1] >= set.Limit))
            throw new InvalidDataException($"the pages of '{set.Name}' are not those its manifest says");
        return new PageTable(set.Name, [.. numbers], [.. addresses]);
    }

    private OtherworldException Damaged(string why) => new($"the snapshot '{_path}' is damaged: {why}.");
}
