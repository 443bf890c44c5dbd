namespace Emu.X86.Paging;

/// <summary>Bytes of RAM that somebody outside waits for an access to, whichever linear address it goes by.</summary>
/// <param name="Physical">Physical address of the first byte.</param>
/// <param name="Length">Bytes, within one 4 KiB frame.</param>
/// <param name="Kinds">What is waited for.</param>
public readonly record struct WatchedRange(ulong Physical, int Length, WatchKinds Kinds);
