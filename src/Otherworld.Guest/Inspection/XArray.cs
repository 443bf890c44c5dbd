namespace Otherworld.Guest.Inspection;

/// <summary>A kernel's array from numbers to pointers (<c>struct xarray</c>, lib/xarray.c): a tree whose nodes have 64 slots.</summary>
/// <param name="kernel">The kernel.</param>
/// <param name="where">What the array is.</param>
internal sealed class XArray(KernelReader kernel, string where)
{
    private const int SlotBits = 6; // XA_CHUNK_SHIFT
    private const ulong Internal = 2; // xa_is_internal: the two lowest bits are 10
    private const ulong SmallestNode = 4096; // xa_is_node: smaller ones are markers
    private const ulong Tag = 3;

    private readonly KernelReader _kernel = kernel;
    private readonly string _where = where;

    /// <summary>All entries by ascending number. A damaged node costs what is below it.</summary>
    /// <param name="array">The <c>struct xarray</c>.</param>
    public IReadOnlyList<(ulong Index, ulong Entry)> Entries(KernelObject array)
    {
        List<(ulong Index, ulong Entry)> found = [];
        _kernel.Try(_where, () =>
        {
            ulong head = array.Word("xa_head");
            if (!IsNode(head))
            {
                Add(found, 0, head);
                return "";
            }

            KernelObject root = Node(head, array.AddressOf("xa_head"));
            Walk(root, 0, (int)root.Word("shift"), found);
            return "";
        });
        return found;
    }

    private void Walk(KernelObject node, ulong first, int shift, List<(ulong Index, ulong Entry)> found)
    {
        // Each level must have less bits than the one above: the tree cannot be endless.
        if ((int)node.Word("shift") != shift || shift % SlotBits != 0 || shift > 64 - SlotBits)
            throw new KernelDamageException(node.AddressOf("shift"), $"is a node for shift {node.Word("shift")} where one for {shift} belongs");
        for (int slot = 0; slot < node.LengthOf("slots"); slot++)
        {
            ulong entry = node.Word("slots", slot);
            ulong index = first + ((ulong)slot << shift);
            ulong place = node.AddressOf("slots") + ((ulong)slot * 8);
            if (!IsNode(entry))
                Add(found, index, entry);
            else if (shift == 0)
                _kernel.Report(_where, place, $"{entry:x16} is a node where an entry belongs");
            else
                _kernel.Try(_where, () => { Walk(Node(entry, place), index, shift - SlotBits, found); return ""; });
        }
    }

    private static void Add(List<(ulong Index, ulong Entry)> found, ulong index, ulong entry)
    {
        if (entry != 0 && (entry & Tag) == 0)
            found.Add((index, entry));
    }

    private static bool IsNode(ulong entry) => (entry & Tag) == Internal && entry > SmallestNode;

    private KernelObject Node(ulong entry, ulong pointer) => _kernel.At(entry - Internal, _kernel.Types.Find("xa_node"), pointer);
}
