using Emu.Core.Machine;
using Emu.Core.Memory;
using Emu.X86.Paging;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Inspection;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Debugging;

/// <summary>A guest as a debugger works with it: its run, its registers and memory, and where to stop.</summary>
/// <param name="guest">The guest.</param>
/// <param name="timeline">Its run.</param>
/// <param name="symbols">The kernel's, if known.</param>
/// <param name="isLive">It has a console, and its end is the end; otherwise it is a replay.</param>
/// <param name="mayChange">The debugger may write to memory and registers; a replay would no longer be the run that was recorded.</param>
public sealed class DebugTarget(GuestMachine guest, Timeline timeline, SymbolTable? symbols, bool isLive, bool mayChange)
{
    /// <summary>The guest.</summary>
    public GuestMachine Guest { get; } = guest;

    /// <summary>Its run.</summary>
    public Timeline Timeline { get; } = timeline;

    /// <summary>The kernel's symbols; null where they are not known.</summary>
    public SymbolTable? Symbols { get; } = symbols;

    /// <summary>It has a console, and its end is the end; otherwise it is a replay.</summary>
    public bool IsLive { get; } = isLive;

    /// <summary>The debugger may write to memory and registers.</summary>
    public bool MayChange { get; } = mayChange;

    /// <summary>The run is being recorded, with what the debugger writes.</summary>
    public bool IsRecorded { get; init; }

    /// <summary>
    /// What is recorded has its tick, and has to come at the same place in a replay. Behind the delivery of an exception or interrupt, which takes no tick, it would come before it.
    /// </summary>
    internal bool IsBetweenTicks => IsRecorded && Guest.Processor.LastDeliveryTick == Timeline.Tick;

    /// <summary>Where to stop.</summary>
    public StopPoints Points { get; } = new(guest.Processor);

    /// <summary>Through whose page tables addresses go.</summary>
    internal MemoryView View { get; set; }

    /// <summary>Guest RAM.</summary>
    internal GuestMemory Memory => Guest.Machine.Memory;

    /// <summary>Runs forwards, at most to a tick and at most a slice, and stops at the stop points.</summary>
    public RunResult Run(ulong limit, ulong slice)
    {
        Points.Arm();
        ulong end = Timeline.Tick + slice;
        return Timeline.Run(Math.Min(end, Timeline.IsPast ? Math.Max(limit, Timeline.Frontier) : limit));
    }

    /// <summary>Runs one instruction, even at a breakpoint.</summary>
    internal RunResult Step()
    {
        Points.Arm();
        Guest.Processor.PassBreakpoint(true);
        return Timeline.Step();
    }

    /// <summary>The address space that the view chooses; null for the dead one where no kernel has died.</summary>
    internal AddressSpace? Space() => View switch
    {
        MemoryView.Physical => AddressSpace.Physical(Memory),
        MemoryView.Dead => KernelFinder.LastDeath(new MachineMemory(Memory)) is { } dead ? AddressSpace.Of64(Memory, dead.Registers.Cr3) : null,
        _ => AddressSpace.Of(Memory, ref Guest.Processor.State),
    };

    /// <summary>A watchpoint on what an address leads to now.</summary>
    /// <returns>Null where some of it is no RAM.</returns>
    internal Watchpoint? Watch(ulong linear, int length, WatchKinds kinds)
    {
        List<(ulong Physical, int Length)> pieces = Space()?.Pieces(linear, length) ?? [];
        return length == 0 || pieces.Sum(piece => piece.Length) != length
            ? null
            : new Watchpoint(linear, length, kinds, [.. pieces.Select(piece => new WatchedRange(piece.Physical, piece.Length, kinds))]);
    }

    /// <summary>An address as <c>name+0x12</c>, or as a number.</summary>
    internal string Describe(ulong address) => Symbols?.Describe(address) is { } name && !name.StartsWith("0x", StringComparison.Ordinal) ? $"0x{address:x} <{name}>" : $"0x{address:x}";
}
