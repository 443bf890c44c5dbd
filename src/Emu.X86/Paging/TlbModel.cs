namespace Emu.X86.Paging;

/// <summary>
/// The TLB that a processor of this kind would have, to count its misses with. It only looks: what it holds changes no translation, and the guest runs the
/// same with it and without.
/// </summary>
/// <remarks>
/// The first level has 64 entries in 16 sets of 4, the second 1,536 in 384 sets of 4; the least recently used entry of a set makes room. Pages of all sizes share
/// both. A set is chosen by the page's number modulo their count. A page that neither level holds is walked, and then both do. Data accesses of instructions and
/// of the processor itself (descriptor tables, TSS, stacks) are looked up; instruction fetches and the walker's own accesses are not.
/// INVLPG, INVPCID and writes to CR0, CR3 and CR4 drop what SDM 3A 4.10.4.1 says they must, and nothing else does.
/// </remarks>
public sealed class TlbModel
{
    /// <summary>Entries of the first level.</summary>
    public const int FirstEntries = 64;

    /// <summary>Entries of the second level.</summary>
    public const int SecondEntries = 1536;

    /// <summary>Entries of a set of either.</summary>
    public const int Ways = 4;

    private readonly TlbModelLevel _first = new(FirstEntries, Ways);
    private readonly TlbModelLevel _second = new(SecondEntries, Ways);
    private ulong _firstMisses;
    private ulong _walks;

    /// <summary>What was counted since the model was made.</summary>
    public TlbModelCounts Counts => new(_firstMisses, _walks);

    /// <summary>An access through a translation.</summary>
    /// <param name="linear">Any address in the page.</param>
    /// <param name="shift">The page's size: 12, 21 or 30 bits.</param>
    /// <param name="pcid">The present PCID.</param>
    /// <param name="global">The translation is global.</param>
    public void Access(ulong linear, int shift, ushort pcid, bool global)
    {
        TlbModelPage page = new(linear >> shift, (byte)shift, pcid, global);
        if (_first.Use(page))
            return;
        _firstMisses++;
        if (!_second.Use(page))
            _walks++;
    }

    /// <summary>INVLPG, and INVPCID of type 0 (which spares global translations; that it does is not modelled).</summary>
    public void DropAddress(ulong linear, ushort pcid)
    {
        _first.DropAddress(linear, pcid);
        _second.DropAddress(linear, pcid);
    }

    /// <summary>A write to CR3 without its bit 63, and INVPCID of type 1.</summary>
    public void DropPcid(ushort pcid)
    {
        _first.DropPcid(pcid);
        _second.DropPcid(pcid);
    }

    /// <summary>INVPCID of types 2 and 3; bits of CR0 and CR4 that change what entries mean.</summary>
    /// <param name="global">Also global translations.</param>
    public void DropAll(bool global)
    {
        _first.DropAll(global);
        _second.DropAll(global);
    }
}
