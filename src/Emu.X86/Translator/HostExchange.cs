using System.Runtime.InteropServices;

namespace Emu.X86.Translator;

/// <summary>What passes between the run loop and generated code, once per entry or exit.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct HostExchange
{
    /// <summary>The entry stub: (code, RSP while it runs).</summary>
    internal delegate* unmanaged<byte*, byte*, void> Enter;

    /// <summary>First byte of the arena that op offsets in <see cref="Site"/> count from.</summary>
    internal byte* Ops;

    /// <summary>In: ticks lent, times 64. Out: ticks left, times 64.</summary>
    internal ulong Budget;

    /// <summary>Ticks spent in generated code so far.</summary>
    internal ulong Ticks;

    /// <summary>AL: OF, AH: SF, ZF, AF, PF, CF as LAHF gives them.</summary>
    internal ulong Flags;

    /// <summary>Where generated code was left.</summary>
    internal Site* Site;

    /// <summary>Why (<see cref="SiteKind"/>).</summary>
    internal ulong Kind;

    /// <summary>Low half of the last product, sign-extended: what ZF, SF and PF after a multiplication are.</summary>
    internal ulong Product;

    /// <summary>Masked count of the last shift by CL.</summary>
    internal ulong ShiftCount;

    /// <summary>Where an indirect call goes on, while it pushes.</summary>
    internal ulong Target;

    /// <summary>Deltas of access windows (<see cref="AccessPlan"/>).</summary>
    internal fixed ulong Windows[AccessPlan.Windows];

    /// <summary>The host's own MXCSR.</summary>
    internal ulong HostMxcsr;

    /// <summary><see cref="HostX87.Live"/> or <see cref="HostX87.Stored"/>.</summary>
    internal ulong X87State;

    /// <summary>FIP is the sum of these: the page of the last x87 instruction, and where it lies there.</summary>
    internal ulong X87Page;
    internal ulong X87Offset;

    /// <summary>Room for an aligned XSAVE area.</summary>
    internal fixed byte X87Image[HostX87.ImageBytes + HostX87.ImageAlignment];

    /// <summary>See <see cref="HostMasks"/>.</summary>
    internal fixed ulong Masks[HostMasks.Most];

    /// <summary>The tick when the budget is used up, and what the time stamp counter shows then.</summary>
    internal ulong EndTick;
    internal ulong TickBase;
}
