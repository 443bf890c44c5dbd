using Emu.X86.Paging;

namespace Otherworld.Guest.Debugging;

/// <summary>Memory a debugger watches. What is watched is the RAM that the address led to when the watchpoint was set, by whatever address it is reached.</summary>
/// <param name="Linear">The address as the debugger knows it.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Kinds">Accesses.</param>
/// <param name="Ranges">The RAM, one range for each frame.</param>
public sealed record Watchpoint(ulong Linear, int Length, WatchKinds Kinds, IReadOnlyList<WatchedRange> Ranges);
