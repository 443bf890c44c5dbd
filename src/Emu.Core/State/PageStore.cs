using System.Diagnostics.CodeAnalysis;

namespace Emu.Core.State;

/// <summary>
/// A sparse set of 4 KiB pages that can be frozen at no cost: pages are shared with the images taken and copied at the first write after.
/// </summary>
public sealed class PageStore
{
    /// <summary>Bytes in a page.</summary>
    public const int PageSize = 4096;

    private readonly Dictionary<ulong, Page> _pages = [];
    private uint _generation;

    /// <summary>Number of pages held.</summary>
    public int Count => _pages.Count;

    /// <summary>Finds a page.</summary>
    public bool TryGet(ulong number, [NotNullWhen(true)] out byte[]? page)
    {
        bool found = _pages.TryGetValue(number, out Page entry);
        page = entry.Bytes;
        return found;
    }

    /// <summary>A page that may be written; null when there is none yet.</summary>
    public byte[]? ForUpdate(ulong number)
    {
        if (!_pages.TryGetValue(number, out Page entry))
            return null;
        return entry.Generation == _generation ? entry.Bytes : Put(number, (byte[])entry.Bytes.Clone());
    }

    /// <summary>Adds or replaces a page; the store owns the array from now on.</summary>
    public byte[] Put(ulong number, byte[] bytes)
    {
        Check.That(bytes.Length == PageSize);
        _pages[number] = new Page(bytes, _generation);
        return bytes;
    }

    /// <summary>An image of now, in ascending order of page numbers. Later writes do not reach it.</summary>
    public PageImage Freeze()
    {
        _generation++;
        var numbers = new ulong[_pages.Count];
        _pages.Keys.CopyTo(numbers, 0);
        Array.Sort(numbers);
        var pages = new byte[numbers.Length][];
        for (int i = 0; i < numbers.Length; i++)
            pages[i] = _pages[numbers[i]].Bytes;
        return new PageImage(numbers, pages);
    }

    /// <summary>Becomes what <see cref="Freeze"/> returned.</summary>
    public void Thaw(PageImage image)
    {
        _pages.Clear();
        for (int i = 0; i < image.Numbers.Length; i++)
            _pages.Add(image.Numbers[i], new Page(image.Pages[i], _generation));
        _generation++; // the image keeps its pages: copy before writing
    }

    /// <summary>Forgets all pages.</summary>
    public void Clear() => _pages.Clear();

    private readonly record struct Page(byte[] Bytes, uint Generation);
}
