using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Emu.Core.State;

/// <summary>Feeds the variable-size parts of a state to a hash: name, page numbers, bytes.</summary>
public sealed class PageHasher(XxHash3 hash) : IStateVisitor
{
    private readonly XxHash3 _hash = hash;

    /// <inheritdoc/>
    public void Pages(string name, PageStore pages)
    {
        _hash.Append(MemoryMarshal.AsBytes(name.AsSpan()));
        PageImage image = pages.Freeze();
        _hash.Append(MemoryMarshal.AsBytes(image.Numbers.AsSpan()));
        foreach (byte[] page in image.Pages)
            _hash.Append(page);
    }
}
