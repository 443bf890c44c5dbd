using Emu.Core.Machine;
using Emu.Core.Memory;
using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.Semantics.Integer;
using Emu.X86.State;
using Emu.X86.Translator;

namespace Emu.X86;

/// <content>The run loop: events at instruction boundaries, block look-up, whole and partial blocks.</content>
public sealed unsafe partial class X86Processor
{
    private const ulong ScratchSize = 16384;

    private readonly HashSet<ulong> _breakpoints = [];
    private Block* _partialSource;
    private bool _skipBreakpoint;
    private ulong _passedRip;
    private int _fitting = int.MaxValue;
    private IPassageObserver? _observer;

    /// <summary>Linear addresses at which <see cref="Run"/> stops before the instruction. Changing one drops the decoded blocks that may have it, which no guest can see.</summary>
    public void SetBreakpoint(ulong linear, bool enabled)
    {
        if (enabled ? _breakpoints.Add(linear) : _breakpoints.Remove(linear))
            Blocks.DropAt(linear);
    }

    /// <inheritdoc/>
    public RunExit Run(ulong deadline)
    {
        Enter(deadline);
        _cpu->InterruptPending = Apic.Pending;
        HasArrived = false;
        RunExit reason = RunExit.Deadline;
        while (reason == RunExit.Deadline && _cpu->Budget > 0 && !Mmu.IsWatchHit && !HasArrived)
            reason = Step();
        Settle();
        PassBreakpoint(reason == RunExit.Breakpoint);
        return (Mmu.IsWatchHit || HasArrived) && reason is (RunExit.Deadline or RunExit.Bus) ? RunExit.Breakpoint : reason;
    }

    /// <summary>Runs end when an exception or interrupt has been delivered, before the first instruction of its handler.</summary>
    public bool StopAtHandlers { get; set; }

    /// <summary>The last run ended because of <see cref="StopAtHandlers"/>.</summary>
    public bool HasArrived { get; private set; }

    /// <summary>
    /// The tick at which an exception or interrupt was delivered last, as far as this processor has run. Delivery takes no tick: where this is the present one, the tick alone does not say whether the
    /// machine stands before or behind it.
    /// </summary>
    public ulong LastDeliveryTick { get; private set; } = ulong.MaxValue;

    /// <summary>Is told of exceptions, interrupts, system calls and returns. Changing it drops decoded blocks, which no guest can see.</summary>
    public IPassageObserver? Observer
    {
        get => _observer;
        set
        {
            _observer = value;
            Blocks.Clear(); // host code of system calls tells nobody: it is made only while nobody listens
        }
    }

    /// <summary>Instructions retired since power-on at a tick between the start of the present run and now, for whoever is called while it runs.</summary>
    public ulong InstructionCountAt(ulong tick) => _cpu->State.InstructionCount + (tick - _runStart);

    /// <summary>A handler has been entered.</summary>
    internal void OnArrived(in InterruptEvent interrupt)
    {
        HasArrived = StopAtHandlers;
        LastDeliveryTick = interrupt.Tick;
        if (_observer is null)
            return;
        ulong frame = IsLongMode ? *_cpu->Gpr(GeneralRegister.Rsp) + (interrupt.HasError ? 8UL : 0) : 0;
        _observer.Passed(new Passage(PassageKind.Delivery, interrupt.Tick, interrupt.ReturnRip, _cpu->RipBase, interrupt.Vector, interrupt.HasError ? interrupt.ErrorCode : 0, frame));
    }

    /// <summary>An instruction has passed control between user code and the kernel, or back from a handler. Comes when all but RIP is as it is behind it.</summary>
    internal void OnPassed(PassageKind kind, Op* op, ulong to, ulong frame = 0)
        => _observer?.Passed(new Passage(kind, _cpu->TickAt(op) + 1, _cpu->RipAfter(op), to, Frame: frame));

    private bool IsLongMode => (_cpu->State.Efer & ControlBits.EferLma) != 0;

    /// <summary>Replaces all breakpoints; nothing is dropped when they are the same.</summary>
    public void SetBreakpoints(IReadOnlyCollection<ulong> linear)
    {
        if (_breakpoints.SetEquals(linear))
            return;
        _breakpoints.Clear();
        _breakpoints.UnionWith(linear);
        Blocks.Clear();
    }

    /// <summary>Whether the next run begins with the instruction at RIP even when a breakpoint is set there. It does where a run ended at one.</summary>
    public void PassBreakpoint(bool pass)
    {
        _skipBreakpoint = pass;
        _passedRip = _cpu->State.Rip;
    }

    /// <summary>Makes host code of a block that runs often.</summary>
    /// <returns>False when it must stay with the interpreter for now.</returns>
    internal bool TryTranslate(Block* block) => _translator != null && _translator.TryTranslate(block);

    /// <summary>Runs exactly one op by itself; whatever follows it does not run.</summary>
    /// <returns>False when the op did not end by going on to the next one: <see cref="Cpu.Exit"/> tells how it left.</returns>
    internal bool RunOne(Op* op)
    {
        _alone[0] = *op;
        Fusion.Unfuse(_alone);
        _alone[1] = default;
        _alone[1].Fn = &PseudoOps.Stop;
        bool touched = _cpu->BusTouched;
        long hidden = HideBudget(beyond: 0); // a branch finds its target, but cannot enter it
        _cpu->BusTouched = false;
        bool finished = _alone->Fn(_cpu, _alone) != null;
        _cpu->BusTouched |= touched;
        RevealBudget(hidden);
        return finished;
    }

    /// <summary>A block became stale; if a part of it is running, that part is stale too.</summary>
    internal void OnRetired(Block* block)
    {
        TranslatorEngine.Retire(block);
        if (block == _partialSource)
            PseudoOps.MakeStale(Block.Ops(_partial), _partial->OpCount);
    }

    /// <summary>All blocks are gone.</summary>
    internal void OnCleared()
    {
        _translator?.Clear();
        NewCodeContext();
    }

    private void Enter(ulong deadline)
    {
        _runStart = _clock.Now;
        _cpu->Deadline = deadline;
        _cpu->Budget = (long)(deadline - _clock.Now);
        _cpu->RipBase = _cpu->State.Rip;
        _cpu->SetStatus(_cpu->State.Rflags);
        _cpu->BusTouched = false;
        _cpu->LinkSite = null;
    }

    /// <summary>Brings state, clock and instruction count up to date at an instruction boundary.</summary>
    private void Settle()
    {
        ulong now = _cpu->Deadline - (ulong)_cpu->Budget;
        _cpu->State.InstructionCount += now - _runStart;
        _runStart = now;
        _clock.Now = now;
        _cpu->State.Rip = _cpu->RipBase;
        _cpu->State.Rflags = _cpu->RflagsValue;
    }

    /// <summary>Events, then one chain of blocks.</summary>
    private RunExit Step()
    {
        _cpu->BusTouched = false;
        if (_cpu->State.Halted != 0 || _cpu->InterruptPending || Apic.NmiPending || _cpu->State.PendingDebug != 0)
        {
            _cpu->LinkSite = null;
            if (!Exceptions.ServiceEvents(out RunExit exit))
                return exit;
            if (HasArrived)
                return RunExit.Deadline;
        }

        // Instruction breakpoints come before the faults of the fetch (SDM 3A, table 6-2).
        if ((IsStepping && !Exceptions.BeforeStep()) || !TryFindBlock(out Block* block))
        {
            _cpu->LinkSite = null;
            return Exceptions.Deliver();
        }

        if (block->Breakpoint != 0 && !(_skipBreakpoint && _cpu->RipBase == _passedRip))
            return RunExit.Breakpoint;
        _skipBreakpoint = false;
        if (IsStepping)
            return RunPart(block, 1);
        int count = (int)Math.Min(Math.Min(block->Count, _fitting), _cpu->Budget);
        return count < block->Count ? RunPart(block, count) : RunChain(block);
    }

    /// <summary>One instruction at a time: an interrupt shadow, the trap flag, or instruction breakpoints in DR7.</summary>
    private bool IsStepping
        => _cpu->State.InterruptShadow != 0 || (_cpu->State.Rflags & (Rflags.Tf | Rflags.Rf)) != 0 || (_cpu->State.Dr7 & 0xFF) != 0;

    private RunExit RunChain(Block* block)
    {
        _cpu->Lendable = HideBudget(beyond: Leave.ChainLength);
        _cpu->Budget -= block->Count;
        RunOps(Block.Ops(block));
        RevealBudget(_cpu->Lendable);
        _cpu->Lendable = 0;
        return Finish();
    }

    /// <summary>Runs ops until the chain ends. Generated code returns here with the op to go on with, so that it never nests.</summary>
    private void RunOps(Op* op)
    {
        while (op != null)
            op = op->Fn(_cpu, op);
    }

    /// <summary>Takes what the budget holds beyond an amount out of the running chain's sight. The deadline moves with it, so ticks stay exact.</summary>
    private long HideBudget(long beyond)
    {
        long hidden = Math.Max(_cpu->Budget - beyond, 0);
        _cpu->Budget -= hidden;
        _cpu->Deadline -= (ulong)hidden;
        return hidden;
    }

    private void RevealBudget(long hidden)
    {
        _cpu->Budget += hidden;
        _cpu->Deadline += (ulong)hidden;
    }

    /// <summary>A repeated instruction must end after one iteration: whatever else makes us step looks at each boundary, only RF does not.</summary>
    private bool IsIterating
        => _cpu->State.InterruptShadow != 0 || (_cpu->State.Rflags & Rflags.Tf) != 0 || (_cpu->State.Dr7 & 0xFF) != 0;

    /// <summary>Runs the first instructions of a block and stops exactly behind them.</summary>
    private RunExit RunPart(Block* block, int count)
    {
        byte shadow = _cpu->State.InterruptShadow;
        bool stepping = IsStepping;
        bool trap = (_cpu->State.Rflags & Rflags.Tf) != 0;
        uint pendingDebug = _cpu->State.PendingDebug;
        CopyPart(block, count);
        long before = _cpu->Budget;
        long hidden = HideBudget(beyond: stepping && !IsIterating ? Leave.ChainLength : count);
        _cpu->State.InterruptShadow = 0;
        _cpu->State.Rflags &= ~Rflags.Rf;
        _cpu->Budget -= count;
        RunOps(Block.Ops(_partial));
        RevealBudget(hidden);
        _partialSource = null;
        if (_cpu->Exit == Exit.Fault && _cpu->Budget == before)
            _cpu->State.InterruptShadow = shadow;
        RunExit reason = Finish();
        if (stepping)
            Exceptions.AfterStep(trap, retired: _cpu->Budget != before, pendingDebug);
        return reason;
    }

    private void CopyPart(Block* block, int count)
    {
        *_partial = *block;
        Op* source = Block.Ops(block);
        Op* copy = Block.Ops(_partial);
        int ops = 0;
        for (int left = count; left > 0; ops++)
        {
            copy[ops] = source[ops];
            Fusion.Unfuse(copy + ops);
            Gate.Disarm(copy + ops);
            copy[ops].Remaining = (ushort)left;
            copy[ops].Link = null;
            copy[ops].LinkNext = null;
            if (source[ops].Length != 0)
                left--;
        }

        copy[ops] = default;
        copy[ops].Fn = &PseudoOps.PartialEnd;
        copy[ops].Offset = (ushort)(copy[ops - 1].Offset + copy[ops - 1].Length);
        _partial->OpCount = (ushort)(ops + 1);
        _partial->Count = count;
        _partialSource = block;
    }

    /// <summary>Acts on why the chain ended.</summary>
    private RunExit Finish()
    {
        switch (_cpu->Exit)
        {
            case Exit.Fault:
                _cpu->LinkSite = null;
                return Exceptions.Deliver();
            case Exit.Boundary:
                _cpu->LinkSite = null;
                return _cpu->ExitReason;
            default:
                return RunExit.Deadline;
        }
    }

    private bool TryFindBlock(out Block* block)
    {
        ulong rip = _cpu->RipBase;
        _fitting = int.MaxValue;
        JumpCache.Entry* entry = JumpCache.At(_cpu, rip);
        if (entry->Rip == rip && entry->Context == _cpu->Context && entry->Block->Stale == 0)
        {
            block = entry->Block;
            LinkTo(block, rip);
            return true;
        }

        return TryLocateBlock(rip, entry, out block);
    }

    private bool TryLocateBlock(ulong rip, JumpCache.Entry* entry, out Block* block)
    {
        block = null;
        if (Blocks.IsFull || _translator is { IsFull: true })
            Blocks.Clear();
        int bitness = CodeBitness;
        if (!TryFetchAddress(rip, bitness, out ulong linear))
            return false;
        if (!TryTranslateCode(linear, out ulong offset))
            return false;
        block = Blocks.Find(offset, bitness, ulong.MaxValue);
        if (block == null || block->Second != ulong.MaxValue)
        {
            if (!TryDecode(rip, linear, offset, bitness, out block))
                return false;
        }

        if (bitness != 64 && !Exceptions.CheckCodeLimit(rip, block, out _fitting))
            return false;
        // A block with a byte in the next page too: a context ends when any page of code is mapped anew, so it may be remembered, but not linked.
        if (block->Breakpoint == 0 && _fitting >= block->Count)
        {
            *entry = new JumpCache.Entry { Rip = rip, Context = _cpu->Context, Block = block };
            LinkTo(block, rip);
        }

        return true;
    }

    private bool TryDecode(ulong rip, ulong linear, ulong offset, int bitness, out Block* block)
    {
        block = Blocks.NextFree;
        _cpu->LinkSite = null;
        Func<int, bool>? breakAt = _breakpoints.Count == 0 ? null : BreakpointsFrom(linear);
        if (!_decoder.Decode(block, offset, bitness, breakAt))
        {
            ulong behind = (linear & ~0xFFFUL) + GuestMemory.FrameSize;
            if (bitness == 64 && !TryFetchAddress(behind, bitness, out _))
                return false; // an instruction into the non-canonical half
            if (!TryTranslateCode(behind, out ulong second))
                return false;
            Block* known = Blocks.Find(offset, bitness, second);
            if (known != null)
            {
                block = known;
                return true;
            }

            _decoder.DecodeCrossing(block, offset, second, bitness, breakAt);
        }

        block->Breakpoint = _breakpoints.Contains(linear) ? (byte)1 : (byte)0;
        block = Blocks.Commit(block);
        return true;
    }

    private Func<int, bool> BreakpointsFrom(ulong linear) => bytes => _breakpoints.Contains(linear + (ulong)bytes);

    /// <summary>Remembers the successor of the direct branch that asked, when both lie in the same page.</summary>
    private void LinkTo(Block* block, ulong rip)
    {
        Op* site = _cpu->LinkSite;
        _cpu->LinkSite = null;
        if (site == null || block->Second != ulong.MaxValue || !Blocks.Contains(site) || CodeBitness != 64)
            return;
        ulong distance = _cpu->LinkNotTaken ? (ulong)(site->Offset + site->Length) : site->Imm;
        if ((rip - distance) >> 12 != rip >> 12)
            return;
        if (_cpu->LinkNotTaken)
            site->LinkNext = block;
        else
            site->Link = block;
    }

    /// <summary>Width of the code CS selects: 64, 32 or 16.</summary>
    public int CodeBitness
    {
        get
        {
            if ((_cpu->State.Cr0 & ControlBits.Cr0Pe) == 0 || (_cpu->State.Rflags & Rflags.Vm) != 0)
                return 16;
            SegmentAttributes code = _cpu->State.Segments[(int)SegmentIndex.Cs].Attributes;
            if ((_cpu->State.Efer & ControlBits.EferLma) != 0 && (code & SegmentAttributes.Long) != 0)
                return 64;
            return (code & SegmentAttributes.Big) != 0 ? 32 : 16;
        }
    }

    /// <summary>Reads a byte of code where it is fetched from.</summary>
    /// <param name="rip">RIP of the byte.</param>
    /// <param name="value">The byte.</param>
    internal bool TryReadCode(ulong rip, out byte value)
    {
        value = 0;
        if (!TryFetchAddress(rip, CodeBitness, out ulong linear) || !TryTranslateCode(linear, out ulong offset))
            return false;
        value = _memory.Base[offset];
        return true;
    }

    private bool TryFetchAddress(ulong rip, int bitness, out ulong linear)
    {
        if (bitness == 64)
        {
            linear = rip;
            if (Mmu.IsCanonical(rip))
                return true;
            _cpu->Fault = new Fault(Vector.Gp);
            return false;
        }

        linear = (uint)(_cpu->State.Segments[(int)SegmentIndex.Cs].Base + rip);
        if (rip <= _cpu->State.Segments[(int)SegmentIndex.Cs].Limit)
            return true;
        _cpu->Fault = new Fault(Vector.Gp);
        return false;
    }

    private bool TryTranslateCode(ulong linear, out ulong offset)
    {
        offset = 0;
        int view = _cpu->State.Cpl == 3 ? TlbView.User : TlbView.Supervisor;
        TlbEntry* entry = TlbEntry.For(TlbView.Of(_cpu->TlbViews, view), linear);
        if (entry->ExecuteTag == (linear & ~0xFFFUL))
        {
            offset = linear + entry->Delta - (ulong)_memory.Base;
            return true;
        }

        if (!Mmu.TryTranslate(linear, PageAccess.Execute, view, out PageWalk walk))
            return false;
        if (!_memory.TryOffset(walk.Physical, out offset))
        {
            Report.FetchOutsideRam(walk.Physical);
            _cpu->Fault = new Fault(Vector.Ud);
            return false;
        }

        Mmu.FillExecute(view, linear, offset);
        return true;
    }
}
