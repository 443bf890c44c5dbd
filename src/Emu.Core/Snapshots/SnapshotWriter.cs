using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Emu.Core.State;

namespace Emu.Core.Snapshots;

/// <summary>Writes one snapshot: first a pack with what the store does not have yet, then the file that names it.</summary>
internal sealed class SnapshotWriter(string path, MemorySnapshot snapshot, IReadOnlyList<SnapshotDisk> disks, SnapshotInfo info)
{
    private readonly string _path = Path.GetFullPath(path);
    private readonly MemorySnapshot _snapshot = snapshot;
    private readonly IReadOnlyList<SnapshotDisk> _disks = disks;
    private readonly SnapshotInfo _info = info;
    private readonly SortedSet<string> _packs = new(StringComparer.Ordinal);
    private readonly List<byte> _payload = [];

    public SnapshotManifest Write()
    {
        string folder = Path.Combine(Path.GetDirectoryName(_path)!, _info.Store);
        var store = PackStore.OpenAll(folder);
        using var pack = new PackWriter();
        IReadOnlyList<PageTable> tables = _snapshot.PageTables();
        SnapshotSection[] sections = [.. _snapshot.Parts.Select(part => WriteSection(part, store, pack))];
        SnapshotPageSet[] sets = [.. tables.Select(table => WritePages(table, store, pack))];
        if (pack.Count > 0)
            _packs.Add(pack.WriteTo(folder));
        var manifest = new SnapshotManifest
        {
            Commit = _info.Commit,
            Machine = SnapshotManifest.ParseMachine(_snapshot.DescriptionJson),
            MachineHash = HexHash.Format(XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(_snapshot.DescriptionJson))),
            KernelBuildId = _info.KernelBuildId,
            Images = _info.Images,
            Parent = _info.Parent,
            Reason = _info.Reason,
            Tick = _snapshot.Tick,
            InstructionCount = _snapshot.InstructionCount,
            StateHash = HexHash.Format(SnapshotHash.Of(_snapshot.Parts, tables)),
            Disks = _disks,
            Sections = sections,
            PageSets = sets,
            Store = _info.Store,
            Packs = [.. _packs],
        };
        SnapshotFile.WriteEnvelope(_path, manifest, [.. _payload]);
        return manifest;
    }

    private SnapshotSection WriteSection(PartImage part, PackStore store, PackWriter pack)
    {
        Put(part.Schema.Hash, Encoding.UTF8.GetBytes(part.Schema.Text), store, pack);
        _payload.AddRange(part.Bytes);
        return new SnapshotSection(part.Id, part.Bytes.Length, HexHash.Format(part.Schema.Hash));
    }

    private SnapshotPageSet WritePages(PageTable table, PackStore store, PackWriter pack)
    {
        PageImage? image = _snapshot.PageSets.GetValueOrDefault(table.Name);
        for (int i = 0; i < table.Numbers.Length; i++)
            Put(table.Addresses[i], image is null ? _snapshot.Ram[(int)table.Numbers[i]].Bytes : image.Pages[i], store, pack);
        int leaves = 0;
        Span<byte> record = stackalloc byte[SnapshotContents.LeafRecordLength];
        foreach ((ulong index, byte[] leaf) in PageLeaf.Cut(table))
        {
            UInt128 address = XxHash128.HashToUInt128(leaf);
            Put(address, leaf, store, pack);
            BinaryPrimitives.WriteUInt64LittleEndian(record, index);
            BinaryPrimitives.WriteUInt128LittleEndian(record[8..], address);
            _payload.AddRange(record);
            leaves++;
        }

        ulong limit = image is null ? (ulong)_snapshot.Ram.FrameCount : ulong.MaxValue;
        return new SnapshotPageSet(table.Name, limit, table.Numbers.Length, leaves);
    }

    private void Put(UInt128 address, ReadOnlySpan<byte> blob, PackStore store, PackWriter pack)
    {
        if (store.TryFind(address, out string name))
            _packs.Add(name);
        else if (!pack.Contains(address))
            pack.Add(address, blob);
    }
}
