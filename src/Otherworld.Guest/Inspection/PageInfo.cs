namespace Otherworld.Guest.Inspection;

/// <summary>What a kernel has a page of memory for.</summary>
/// <param name="Frame">Its number: physical address / 4096.</param>
/// <param name="Use">In words: free, anonymous, of a file, of a slab cache, page table, kernel stack, kernel image, reserved.</param>
/// <param name="Flags">Names of the bits set in <c>page->flags</c> (<c>enum pageflags</c>).</param>
/// <param name="References"><c>_refcount</c>.</param>
/// <param name="Mappings">How many page tables have it, by <c>_mapcount</c>; null where that field means something else.</param>
/// <param name="Mapping"><c>page->mapping</c>; 0 where there is none.</param>
/// <param name="Index">For a page of a file, its place there in pages.</param>
/// <param name="Users">The processes whose page tables have it, by walking all of them.</param>
/// <param name="Address">Linear address of the <c>struct page</c> that describes it: its own, or that of the first of several allocated together.</param>
public sealed record PageInfo(
    ulong Frame, string Use, IReadOnlyList<string> Flags, long References, long? Mappings, ulong Mapping, ulong? Index, IReadOnlyList<PageUser> Users, ulong Address);
