using System.Runtime.CompilerServices;
using Emu.Core.Machine;
using Emu.X86.Exceptions;
using Emu.X86.State;

namespace Emu.X86.Interpreter;

/// <summary>The ways a handler ends other than by calling the next op. Each settles RIP and the budget.</summary>
public static unsafe class Leave
{
    /// <summary>Instructions of a chain of blocks. Where the compiler could not make a jump of a handler's last call the stack grows; this bounds it.</summary>
    internal const long ChainLength = 4096;

    /// <summary>Goes on with the next op, or ends the run here when the instruction reached the bus. For handlers that use TryRead or TryWrite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Op* Next(Cpu* cpu, Op* op)
    {
        if (cpu->BusTouched)
            return After(cpu, op, RunExit.Bus);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>The fault recorded in <see cref="Cpu.Fault"/> happens at this instruction, which did not retire.</summary>
    public static Op* Fault(Cpu* cpu, Op* op)
    {
        cpu->RipBase += op->Offset;
        cpu->Budget += op->Remaining;
        cpu->Exit = Exit.Fault;
        return null;
    }

    /// <summary>Raises a fault at this instruction, which did not retire.</summary>
    public static Op* Fault(Cpu* cpu, Op* op, Vector vector, uint errorCode = 0)
    {
        cpu->Fault = new Fault(vector, errorCode);
        return Fault(cpu, op);
    }

    /// <summary>The instruction retired; leave the run loop behind it, since something outside the block changed (mode, flags that gate interrupts, the bus).</summary>
    /// <param name="reason"><see cref="RunExit.Deadline"/> to only re-examine events and go on in the same run.</param>
    public static Op* After(Cpu* cpu, Op* op, RunExit reason = RunExit.Deadline) => Jump(cpu, op, cpu->RipAfter(op), reason);

    /// <summary>The instruction retired and set RIP; leave the run loop as for <see cref="After"/>.</summary>
    public static Op* Jump(Cpu* cpu, Op* op, ulong rip, RunExit reason = RunExit.Deadline)
    {
        cpu->RipBase = rip;
        cpu->Budget += op->Remaining - 1;
        cpu->Exit = Exit.Boundary;
        cpu->ExitReason = cpu->BusTouched && reason == RunExit.Deadline ? RunExit.Bus : reason;
        return null;
    }

    /// <summary>The instruction has not begun and takes no time; leave the run loop with RIP on it.</summary>
    public static Op* Before(Cpu* cpu, Op* op, RunExit reason)
    {
        cpu->RipBase += op->Offset;
        cpu->Budget += op->Remaining;
        cpu->Exit = Exit.Boundary;
        cpu->ExitReason = reason;
        return null;
    }

    /// <summary>The instruction is not finished (a REP that ran out of budget): RIP stays on it, <paramref name="ticks"/> were used.</summary>
    public static Op* Again(Cpu* cpu, Op* op, long ticks)
    {
        cpu->RipBase += op->Offset;
        cpu->Budget += op->Remaining - ticks;
        cpu->State.Rflags |= Rflags.Rf; // SDM 3B 17.3.1.1: set between iterations, so that a breakpoint here does not hit twice
        cpu->Exit = Exit.Boundary;
        cpu->ExitReason = cpu->BusTouched ? RunExit.Bus : RunExit.Deadline;
        return null;
    }

    /// <summary>Ends a block with a RIP known only now: the dispatcher looks it up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Op* Lookup(Cpu* cpu, ulong rip)
    {
        cpu->RipBase = rip;
        return cpu->BusTouched ? Boundary(cpu) : JumpCache.Enter(cpu, rip);
    }

    /// <summary>Ends a block with a direct branch whose successor is remembered in <see cref="Op.Link"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Op* Taken(Cpu* cpu, Op* op)
    {
        cpu->RipBase += op->Imm;
        Block* next = op->Link;
        if (next == null)
            return LinkFirst(cpu, op, notTaken: false);
        return Enter(cpu, next);
    }

    /// <summary>Ends a block by falling through, remembered in <see cref="Op.LinkNext"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Op* NotTaken(Cpu* cpu, Op* op)
    {
        cpu->RipBase += (ulong)(op->Offset + op->Length);
        Block* next = op->LinkNext;
        if (next == null)
            return LinkFirst(cpu, op, notTaken: true);
        return Enter(cpu, next);
    }

    /// <summary>Charges a block to the budget and runs it, or leaves when the budget does not cover it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Op* Enter(Cpu* cpu, Block* next)
    {
        Op* first = Charge(cpu, next);
        return first == null ? null : first->Fn(cpu, first);
    }

    /// <summary>Charges a block to the budget.</summary>
    /// <returns>Its first op, to be run; null, and the chain ends, when the budget does not cover it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Op* Charge(Cpu* cpu, Block* next)
    {
        long left = cpu->Budget - next->Count;
        if (left < 0)
        {
            cpu->Exit = Exit.Budget;
            return null;
        }

        cpu->Budget = left;
        return Block.Ops(next);
    }

    /// <summary>Asks the dispatcher for the block at <see cref="Cpu.RipBase"/>, and to link it to the branch that leads there.</summary>
    internal static Op* AskLink(Cpu* cpu, Op* op, bool notTaken)
    {
        cpu->Exit = Exit.Lookup;
        cpu->LinkSite = op;
        cpu->LinkNotTaken = notTaken;
        return null;
    }

    /// <summary>Ends a block with a branch to a block that was found at <paramref name="rip"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Op* Enter(Cpu* cpu, Block* next, ulong rip)
    {
        cpu->RipBase = rip;
        return Enter(cpu, next);
    }

    /// <summary>The branch has no link: it is not linked yet, or never will be since it leaves the page or runs in a legacy mode.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Op* LinkFirst(Cpu* cpu, Op* op, bool notTaken)
    {
        ulong rip = cpu->RipBase;
        ulong distance = notTaken ? (ulong)(op->Offset + op->Length) : op->Imm;
        if (((rip - distance) ^ rip) >> 12 != 0 || !cpu->Is64Bit)
            return JumpCache.Enter(cpu, rip);
        return AskLink(cpu, op, notTaken);
    }

    /// <summary>Leaves at <see cref="Cpu.RipBase"/> since the instruction before it reached the bus.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static Op* Boundary(Cpu* cpu)
    {
        cpu->Exit = Exit.Boundary;
        cpu->ExitReason = RunExit.Bus;
        return null;
    }
}
