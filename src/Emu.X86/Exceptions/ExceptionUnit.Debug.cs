using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Exceptions;

/// <content>Debug exceptions: instruction breakpoints (faults), single step and data breakpoints (traps). SDM 3B 17.2, 17.3.</content>
public sealed unsafe partial class ExceptionUnit
{
    /// <summary>DR6.BD: a debug register was touched while DR7.GD was set.</summary>
    internal const uint Dr6GeneralDetect = 1 << 13;

    /// <summary>DR6.BS: single step.</summary>
    internal const uint Dr6SingleStep = 1 << 14;

    /// <summary>DR6.BT: a task switch to a TSS with its T flag.</summary>
    internal const uint Dr6TaskSwitch = 1 << 15;

    /// <summary>DR7.GD.</summary>
    internal const ulong GeneralDetect = 1 << 13;

    private bool _trapSuppressed;

    /// <summary>Before a single step: instruction breakpoints of DR7 unless RF is set.</summary>
    /// <returns>False when a fault is to be delivered instead of running the instruction.</returns>
    internal bool BeforeStep()
    {
        _trapSuppressed = false;
        ulong dr7 = _cpu->State.Dr7;
        if ((dr7 & 0xFF) == 0 || (_cpu->State.Rflags & Rflags.Rf) != 0 || (_cpu->State.InterruptShadow & ShadowOfSs) != 0)
            return true;
        ulong linear = _cpu->Is64Bit ? _cpu->RipBase : (uint)(_cpu->State.Segments[(int)SegmentIndex.Cs].Base + _cpu->RipBase);
        uint hit = 0;
        for (int i = 0; i < 4; i++)
        {
            bool execution = ((dr7 >> (16 + (4 * i))) & 0xF) == 0;
            if (((dr7 >> (2 * i)) & 3) != 0 && execution && _cpu->State.Dr[i] == linear)
                hit |= 1u << i;
        }

        if (hit == 0)
            return true;
        _cpu->Fault = new Fault(Vector.Db, 0, hit);
        return false;
    }

    /// <summary>After a single step: the trap of TF (as it was before the instruction) becomes pending; what a faulting instruction noted is forgotten.</summary>
    /// <param name="trap">TF before the instruction.</param>
    /// <param name="retired">The instruction (or an iteration of it) retired.</param>
    /// <param name="pendingBefore">Debug exceptions that were pending before it.</param>
    internal void AfterStep(bool trap, bool retired, uint pendingBefore)
    {
        if (!retired)
            _cpu->State.PendingDebug = pendingBefore;
        else if (trap && !_trapSuppressed && (_cpu->State.InterruptShadow & ShadowOfSs) == 0)
            _cpu->State.PendingDebug |= Dr6SingleStep;
    }

    /// <summary>The instruction that runs now does not end with a single-step trap: it changed TF itself while entering a handler.</summary>
    internal void SuppressTrap() => _trapSuppressed = true;

    /// <summary>Port accesses with R/W = 10 in DR7 are traps, like data breakpoints.</summary>
    internal void NotePortBreakpoint(ushort port, int size)
    {
        ulong dr7 = _cpu->State.Dr7;
        for (int i = 0; i < 4; i++)
        {
            int length = ((int)(dr7 >> (18 + (4 * i))) & 3) switch { 0 => 1, 1 => 2, 2 => 8, _ => 4 };
            bool enabled = ((dr7 >> (2 * i)) & 3) != 0 && ((dr7 >> (16 + (4 * i))) & 3) == 2;
            ulong start = _cpu->State.Dr[i] & ~(ulong)(length - 1);
            if (enabled && port < start + (ulong)length && start < (ulong)port + (ulong)size)
                _cpu->State.PendingDebug |= 1u << i;
        }
    }

    /// <summary>Legacy modes: only instructions that lie below the limit of CS may run; when already the first does not, that is #GP.</summary>
    /// <param name="fitting">How many instructions of the block may run.</param>
    internal bool CheckCodeLimit(ulong rip, Block* block, out int fitting)
    {
        uint limit = _cpu->State.Segments[(int)SegmentIndex.Cs].Limit;
        fitting = int.MaxValue;
        if (rip + block->Bytes - 1 <= limit)
            return true;
        fitting = 0;
        Op* ops = Block.Ops(block);
        for (int i = 0; i < block->OpCount && rip + ops[i].Offset + ops[i].Length - 1 <= limit; i++)
        {
            if (ops[i].Length != 0)
                fitting++;
        }

        if (fitting != 0)
            return true;
        _cpu->Fault = new Fault(Vector.Gp);
        return false;
    }

    /// <summary>Turns the pending debug traps into the fault value to deliver.</summary>
    private void RaiseDebugTrap()
    {
        _cpu->Fault = new Fault(Vector.Db, 0, _cpu->State.PendingDebug);
        _cpu->State.PendingDebug = 0;
    }
}
