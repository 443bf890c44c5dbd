namespace Emu.X86.Paging;

/// <summary>One level of a <see cref="TlbModel"/>: sets of a few entries, of which the one unused for longest makes room.</summary>
internal sealed class TlbModelLevel
{
    private readonly Entry[] _entries;
    private readonly int _ways;
    private readonly ulong _sets;
    private ulong _uses;

    /// <param name="entries">Of all sets together.</param>
    /// <param name="ways">Entries of a set.</param>
    internal TlbModelLevel(int entries, int ways)
    {
        _entries = new Entry[entries];
        _ways = ways;
        _sets = (ulong)(entries / ways);
    }

    /// <summary>Looks a page up and, where it is not, puts it in the place of another.</summary>
    /// <returns>It was there.</returns>
    internal bool Use(in TlbModelPage page)
    {
        Span<Entry> set = SetOf(page);
        int oldest = 0;
        for (int way = 0; way < set.Length; way++)
        {
            ref Entry entry = ref set[way];
            if (entry.Translates(page))
            {
                entry.Used = ++_uses;
                return true;
            }

            if (entry.Used < set[oldest].Used)
                oldest = way;
        }

        set[oldest] = new Entry(page, ++_uses);
        return false;
    }

    /// <summary>Drops the translations of an address, of whatever page size: the global ones and those of one PCID.</summary>
    internal void DropAddress(ulong linear, ushort pcid)
    {
        foreach (int shift in TlbModelPage.Shifts)
        {
            TlbModelPage page = new(linear >> shift, (byte)shift, pcid, false);
            foreach (ref Entry entry in SetOf(page))
            {
                if (entry.Translates(page))
                    entry = default;
            }
        }
    }

    /// <summary>Drops the translations of one PCID, but for the global ones.</summary>
    internal void DropPcid(ushort pcid)
    {
        foreach (ref Entry entry in _entries.AsSpan())
        {
            if (!entry.Page.Global && entry.Page.Pcid == pcid)
                entry = default;
        }
    }

    /// <summary>Drops all translations.</summary>
    /// <param name="global">Also the global ones.</param>
    internal void DropAll(bool global)
    {
        foreach (ref Entry entry in _entries.AsSpan())
        {
            if (global || !entry.Page.Global)
                entry = default;
        }
    }

    private Span<Entry> SetOf(in TlbModelPage page) => _entries.AsSpan((int)(page.Number % _sets) * _ways, _ways);

    /// <summary>A translation and when it was last used; 0: none.</summary>
    private struct Entry(TlbModelPage page, ulong used)
    {
        public TlbModelPage Page = page;
        public ulong Used = used;

        /// <summary>An access to the page by its PCID finds it.</summary>
        public readonly bool Translates(in TlbModelPage page) =>
            Used != 0 && Page.Number == page.Number && Page.Shift == page.Shift && (Page.Global || Page.Pcid == page.Pcid);
    }
}
