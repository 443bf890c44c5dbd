using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emu.X86.Paging;

/// <summary>
/// One entry of the direct-mapped software TLB. A tag is the linear address of the page for which that kind of access may go straight to host
/// memory, or <see cref="Invalid"/>; an access of n bytes at a hits when a - tag &lt;= 4096 - n, which also excludes page crossings.
/// </summary>
/// <remarks>
/// A view is one array for each field, so that generated code scales an index by 8 in an address. Entries overlap: only pointers to them, from
/// <see cref="At"/> and <see cref="For"/>, mean anything.
/// </remarks>
[StructLayout(LayoutKind.Explicit)]
public unsafe struct TlbEntry
{
    /// <summary>Entries of a view; a power of two. As many pages as a guest's larger programs use, since a miss costs a page walk.</summary>
    public const int Count = 1 << 14;

    /// <summary>Bytes of a view.</summary>
    public const int ViewBytes = 4 * FieldBytes;

    /// <summary>The bits of an address that select the entry.</summary>
    public const ulong IndexMask = (Count - 1UL) << 12;

    /// <summary>From field to field: the array, and a few cache lines so that the fields of one entry do not share a set.</summary>
    internal const int FieldBytes = (Count * 8) + (5 * 64);

    /// <summary>Minus <see cref="ReadTag"/>, so that a hit is an addition (generated code has no subtraction that leaves the flags).</summary>
    [FieldOffset(0)]
    public ulong ReadBias;

    /// <summary>Minus <see cref="WriteTag"/>.</summary>
    [FieldOffset(FieldBytes)]
    public ulong WriteBias;

    /// <summary>The page that code may be fetched from.</summary>
    [FieldOffset(2 * FieldBytes)]
    public ulong ExecuteTag;

    /// <summary>Host address minus linear address.</summary>
    [FieldOffset(3 * FieldBytes)]
    public ulong Delta;

    /// <summary>The only entry of a view that may serve a linear address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TlbEntry* For(TlbEntry* view, ulong linear) => (TlbEntry*)((byte*)view + ((linear >> 9) & (IndexMask >> 9)));

    /// <summary>An entry of a view by its index.</summary>
    public static TlbEntry* At(TlbEntry* view, int index) => (TlbEntry*)((ulong*)view + index);

    /// <summary>Which entry of its view serves a linear address.</summary>
    public static int IndexOf(ulong linear) => (int)(linear >> 12) & (Count - 1);

    /// <summary>All fields, to be put back later.</summary>
    public (ulong ReadBias, ulong WriteBias, ulong ExecuteTag, ulong Delta) Content
    {
        readonly get => (ReadBias, WriteBias, ExecuteTag, Delta);
        set => (ReadBias, WriteBias, ExecuteTag, Delta) = value;
    }

    /// <summary>The page that may be read.</summary>
    public ulong ReadTag
    {
        readonly get => 0 - ReadBias;
        set => ReadBias = 0 - value;
    }

    /// <summary>The page that may be written. Withheld from frames with code, page tables, or not yet dirty: writes to those take the slow path through the write door.</summary>
    public ulong WriteTag
    {
        readonly get => 0 - WriteBias;
        set => WriteBias = 0 - value;
    }

    /// <summary>
    /// A tag that no address with this index can hit: a page of another index, and no neighbour, since generated code looks at the last byte of
    /// an access first and takes one that begins up to a window before the tag for a hit.
    /// </summary>
    public static ulong Invalid(int index) => (ulong)(uint)(index ^ 2) << 12;
}
