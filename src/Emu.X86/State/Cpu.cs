using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emu.Core.Machine;
using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.Translator;

namespace Emu.X86.State;

/// <summary>
/// The processor as handlers see it: the architectural state, then what only exists while it runs or can be recomputed. One per machine, in
/// native memory, so that handlers and generated code may hold a plain pointer to it.
/// </summary>
public unsafe partial struct Cpu
{
    /// <summary>Architectural state; must stay the first field, since register operands are byte offsets.</summary>
    public CpuState State;

    // ---- pseudo registers: addressable by ops like general registers ----

    /// <summary>RIP (EIP, IP) at the start of the running block; base of RIP-relative operands.</summary>
    public ulong RipBase;

    /// <summary>Always 0: the base or index of operands that have none.</summary>
    public ulong Zero;

    /// <summary>Linear address made by the address-generation pseudo op before an instruction with a segment, a 67H prefix or legacy addressing.</summary>
    public ulong Linear;

    // ---- status flags, lazily (see Flags.cs) ----

    /// <summary>Last result, sign-extended to 64 bits: ZF and SF, and PF with the low byte.</summary>
    public ulong FlagResult;

    /// <summary>Bit 63 carry out, bit 62 carry into the sign bit, bit 3 carry out of bit 3 (AF), bit 4 SF delta, bits 8-15 PF delta.</summary>
    public ulong FlagAux;

    // ---- time ----

    /// <summary>Instructions that may still start before <see cref="Deadline"/>; a block charges all its instructions on entry.</summary>
    public long Budget;

    /// <summary>Tick at which the run must stop.</summary>
    public ulong Deadline;

    /// <summary>Ticks that the running chain does not see (<see cref="Budget"/> and <see cref="Deadline"/> are both less by them); generated code may use them.</summary>
    public long Lendable;

    // ---- memory ----

    /// <summary>The TLB view that holds now: by CPL, SMAP and AC (see <see cref="TlbView"/>).</summary>
    public TlbEntry* Tlb;

    /// <summary>First byte of guest RAM.</summary>
    public byte* Ram;

    /// <summary>All views, <see cref="TlbView.Count"/> times <see cref="TlbEntry.ViewBytes"/>.</summary>
    public TlbEntry* TlbViews;

    // ---- code ----

    /// <summary><see cref="JumpCache.Count"/> entries.</summary>
    public JumpCache.Entry* Jumps;

    /// <summary>Number of the current code context; entries of the jump cache made in another one do not count.</summary>
    public ulong Context;

    /// <summary>What the context number is at CPL 0 to 2 and at CPL 3, but for the mode in its low three bits.</summary>
    internal ulong KernelContext;
    internal ulong UserContext;

    // ---- leaving the run loop ----

    /// <summary>Why a handler returned null.</summary>
    public Exit Exit;

    /// <summary>What <see cref="RunExit"/> to report for <see cref="Exit.Boundary"/>; <see cref="RunExit.Deadline"/> to just look at events and go on.</summary>
    public RunExit ExitReason;

    /// <summary>The fault to deliver for <see cref="Exit.Fault"/>.</summary>
    public Fault Fault;

    /// <summary>The direct branch that wants its successor linked, and which link.</summary>
    public Op* LinkSite;
    public bool LinkNotTaken;

    /// <summary>The running instruction reached the bus: the run ends behind it (see <c>Leave.Next</c>).</summary>
    public bool BusTouched;

    /// <summary>INTR is asserted (sampled at the start of a run; lines change only between runs).</summary>
    public bool InterruptPending;

    /// <summary>Not 0 when CR0 or CR4 keep SSE instructions from running (see <c>SimdGate</c>).</summary>
    public byte SseBlocked;

    /// <summary>Not 0 when CR0 keeps x87 and MMX instructions from running.</summary>
    public byte X87Blocked;

    // ---- generated code ----

    /// <summary>What passes between the run loop and generated code.</summary>
    public HostExchange Host;

    /// <summary>Linear RIP to host code.</summary>
    internal HostJumps.Entry* HostJumps;

    /// <summary>Handle of the owning <see cref="X86Processor"/>.</summary>
    public nint Owner;

    /// <summary>A general register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong* Gpr(GeneralRegister register) => (ulong*)Unsafe.AsPointer(ref State.Gpr[(int)register]);

    /// <summary>The register at a byte offset, as operands name them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* At(Cpu* cpu, ushort offset) => (byte*)cpu + offset;

    /// <summary>The managed processor, for everything off the hot path.</summary>
    public readonly X86Processor Processor => Unsafe.As<X86Processor>(GCHandle.FromIntPtr(Owner).Target!);

    /// <summary>Exact tick before the instruction <paramref name="op"/>: what RDTSC and devices see.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong TickAt(Op* op) => Deadline - (ulong)(Budget + op->Remaining);

    /// <summary>RIP of the instruction <paramref name="op"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong RipOf(Op* op) => RipBase + op->Offset;

    /// <summary>RIP of the instruction behind <paramref name="op"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong RipAfter(Op* op) => RipBase + op->Offset + op->Length;

    /// <summary>In 64-bit mode (not compatibility mode).</summary>
    public readonly bool Is64Bit => (State.Segments[(int)SegmentIndex.Cs].Attributes & SegmentAttributes.Long) != 0 && (State.Efer & ControlBits.EferLma) != 0;

    /// <summary>Protected mode, not virtual-8086.</summary>
    public readonly bool IsProtected => (State.Cr0 & ControlBits.Cr0Pe) != 0 && (State.Rflags & Rflags.Vm) == 0;

    /// <summary>Real mode or virtual-8086 mode.</summary>
    public readonly bool IsRealOrVirtual => !IsProtected;
}
