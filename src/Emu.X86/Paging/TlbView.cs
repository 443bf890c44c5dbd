using System.Runtime.CompilerServices;

namespace Emu.X86.Paging;

/// <summary>Who is asking: each view has its own TLB entries, so a hit needs no privilege check.</summary>
public static unsafe class TlbView
{
    /// <summary>CPL 3.</summary>
    public const int User = 0;

    /// <summary>CPL 0-2 that may touch user pages (no SMAP, or AC set).</summary>
    public const int Supervisor = 1;

    /// <summary>CPL 0-2 under SMAP with AC clear.</summary>
    public const int SupervisorSmap = 2;

    /// <summary>Never hits: every access takes the slow path (alignment checks at CPL 3, data breakpoints).</summary>
    public const int None = 3;

    /// <summary>Number of views.</summary>
    public const int Count = 4;

    /// <summary>One of all views.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TlbEntry* Of(TlbEntry* views, int view) => (TlbEntry*)((byte*)views + (view * TlbEntry.ViewBytes));

    /// <summary>Which of all views one is.</summary>
    public static int IndexOf(TlbEntry* views, TlbEntry* view) => (int)((byte*)view - (byte*)views) / TlbEntry.ViewBytes;
}
