namespace Otherworld.Guest.Inspection;

/// <summary>A kernel's tree of ranges (<c>struct maple_tree</c>, lib/maple_tree.c), in which a process keeps its memory areas.</summary>
/// <param name="kernel">The kernel.</param>
/// <param name="where">What the tree is.</param>
internal sealed class MapleTree(KernelReader kernel, string where)
{
    private const ulong NodeMask = 0xFF; // MAPLE_NODE_MASK: nodes are aligned, the low bits say what they are
    private const int TypeShift = 3; // MAPLE_NODE_TYPE_SHIFT
    private const ulong TypeMask = 0xF;
    private const int Leaf = 1; // maple_leaf_64
    private const int Range = 2; // maple_range_64
    private const int GapRange = 3; // maple_arange_64
    private const int Deepest = 31; // MAPLE_HEIGHT_MAX
    private const ulong Internal = 2;
    private const ulong SmallestNode = 4096;

    private readonly KernelReader _kernel = kernel;
    private readonly string _where = where;
    private readonly HashSet<ulong> _nodes = [];

    /// <summary>All entries by ascending range, last index included. A damaged node costs what is below it.</summary>
    /// <param name="tree">The <c>struct maple_tree</c>.</param>
    public IReadOnlyList<(ulong First, ulong Last, ulong Entry)> Entries(KernelObject tree)
    {
        List<(ulong First, ulong Last, ulong Entry)> found = [];
        _kernel.Try(_where, () =>
        {
            ulong root = tree.Word("ma_root");
            if ((root & 3) == Internal && root > SmallestNode)
                Walk(root, 0, ulong.MaxValue, 0, tree.AddressOf("ma_root"), found);
            return "";
        });
        return found;
    }

    private void Walk(ulong encoded, ulong first, ulong last, int depth, ulong pointer, List<(ulong First, ulong Last, ulong Entry)> found)
    {
        int kind = (int)((encoded >> TypeShift) & TypeMask);
        if (kind is not (Leaf or Range or GapRange) || depth > Deepest)
            throw new KernelDamageException(pointer, $"{encoded:x16} is no node of a maple tree");
        if (!_nodes.Add(encoded & ~NodeMask))
            throw new KernelDamageException(pointer, $"{encoded:x16} is a node that was met before: the tree runs in a circle");
        KernelObject node = _kernel.At(encoded & ~NodeMask, _kernel.Types.Find(kind == GapRange ? "maple_arange_64" : "maple_range_64"), pointer);
        int pivots = node.LengthOf("pivot");
        ulong start = first;
        for (int i = 0; i <= pivots; i++)
        {
            ulong end = i == pivots ? last : node.Word("pivot", i);
            if (end == 0 && i > 0)
                end = last; // a node that is not full ends with a pivot of 0
            if (end < start || end > last)
                throw new KernelDamageException(node.AddressOf("pivot") + ((ulong)i * 8), $"pivot {end:x} lies outside {start:x} to {last:x}");
            ulong entry = node.Word("slot", i);
            ulong place = node.AddressOf("slot") + ((ulong)i * 8);
            if (kind == Leaf && entry != 0)
                found.Add((start, end, entry));
            else if (kind != Leaf && entry != 0)
                Below(entry, start, end, depth, place, found);
            if (end == last)
                return;
            start = end + 1;
        }
    }

    private void Below(ulong entry, ulong first, ulong last, int depth, ulong place, List<(ulong First, ulong Last, ulong Entry)> found) => _kernel.Try(_where, () =>
    {
        Walk(entry, first, last, depth + 1, place, found);
        return "";
    });
}
