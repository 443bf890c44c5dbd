namespace Emu.X86.Paging;

/// <summary>What one entry of a TLB translates (SDM 3A 4.10.2.2).</summary>
/// <param name="Number">The linear address without the bits inside the page.</param>
/// <param name="Shift">How many bits those are: 12, 21 or 30.</param>
/// <param name="Pcid">The address space it was walked in.</param>
/// <param name="Global">It holds in all address spaces.</param>
internal readonly record struct TlbModelPage(ulong Number, byte Shift, ushort Pcid, bool Global)
{
    /// <summary>4 KiB, 2 MiB, 1 GiB.</summary>
    internal static ReadOnlySpan<int> Shifts => [12, 21, 30];
}
