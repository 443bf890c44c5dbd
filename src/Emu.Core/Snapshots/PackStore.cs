namespace Emu.Core.Snapshots;

/// <summary>A folder of packs: blobs found by the hash of their content. Packs are only ever added, so any number of programs may share one.</summary>
internal sealed class PackStore
{
    private readonly string _folder;
    private readonly SortedDictionary<string, PackFile> _packs = new(StringComparer.Ordinal);
    private readonly Dictionary<UInt128, string> _where = [];

    private PackStore(string folder) => _folder = folder;

    /// <summary>Opens certain packs.</summary>
    /// <exception cref="OtherworldException">One is missing or damaged.</exception>
    public static PackStore Open(string folder, IEnumerable<string> packs)
    {
        var store = new PackStore(folder);
        foreach (string name in packs)
            store.Add(name);
        return store;
    }

    /// <summary>Opens every pack in a folder, which is made when it is not there; damaged ones are left out, so that nothing new relies on them.</summary>
    public static PackStore OpenAll(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OtherworldException($"the folder '{folder}' cannot be made: {e.Message}", 3);
        }

        var store = new PackStore(folder);
        foreach (string path in Directory.GetFiles(folder, "*" + PackFile.Extension).Order(StringComparer.Ordinal))
        {
            try
            {
                store.Add(Path.GetFileNameWithoutExtension(path));
            }
            catch (OtherworldException)
            {
                // Whoever needs this pack is told when he loads his snapshot.
            }
        }

        return store;
    }

    /// <summary>The pack that has a blob.</summary>
    public bool TryFind(UInt128 address, out string pack) => _where.TryGetValue(address, out pack!);

    /// <summary>A blob, valid until the next call.</summary>
    /// <exception cref="OtherworldException">It is in none of the packs, or damaged.</exception>
    public ReadOnlySpan<byte> Read(UInt128 address) => PackOf(address).Read(address);

    /// <summary>Addresses in an order in which no group is decompressed twice.</summary>
    /// <exception cref="OtherworldException">One is in none of the packs.</exception>
    public UInt128[] InReadingOrder(IEnumerable<UInt128> addresses) =>
        [.. addresses.Distinct().Select(address => (Address: address, Pack: PackOf(address))).OrderBy(item => _where[item.Address], StringComparer.Ordinal).ThenBy(item => item.Pack.GroupOf(item.Address)).Select(item => item.Address)];

    /// <summary>Checks every byte of every pack opened.</summary>
    public void Verify()
    {
        foreach (PackFile pack in _packs.Values)
            pack.Verify();
    }

    private PackFile PackOf(UInt128 address) => _where.TryGetValue(address, out string? name)
        ? _packs[name]
        : throw new OtherworldException($"the snapshot names the content {HexHash.Format(address)}, which is in none of its packs in '{_folder}': it is damaged.", 3);

    private void Add(string name)
    {
        var pack = new PackFile(_folder, name);
        _packs.Add(name, pack);
        foreach (UInt128 address in pack.Addresses)
            _where.TryAdd(address, name);
    }
}
