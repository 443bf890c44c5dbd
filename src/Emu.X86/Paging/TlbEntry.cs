using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emu.X86.Paging;

/// <summary>
/// One entry of the direct-mapped software TLB. A tag is the linear address of the page for which that kind of access may go straight to host
/// memory, or <see cref="Invalid"/>; an access of n bytes at a hits when a - tag &lt;= 4096 - n, which also excludes page crossings.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct TlbEntry
{
    /// <summary>Entries of a view; a power of two.</summary>
    public const int Count = 1024;

    /// <summary>Log2 of an entry's bytes.</summary>
    private const int SizeShift = 5;

    /// <summary>Minus <see cref="ReadTag"/>, so that a hit is an addition (generated code has no subtraction that leaves the flags).</summary>
    public ulong ReadBias;

    /// <summary>Minus <see cref="WriteTag"/>.</summary>
    public ulong WriteBias;
    public ulong ExecuteTag;

    /// <summary>Host address minus linear address.</summary>
    public ulong Delta;

    /// <summary>The only entry of a view that may serve a linear address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TlbEntry* For(TlbEntry* view, ulong linear) => (TlbEntry*)((byte*)view + ((linear >> (12 - SizeShift)) & ((Count - 1) << SizeShift)));

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
