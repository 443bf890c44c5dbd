using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.State;

namespace Emu.X86.Translator;

/// <summary>Runs hot blocks as host code. One per processor; <see cref="Run"/> is all that happens between the interpreter and generated code.</summary>
internal sealed unsafe class TranslatorEngine : IDisposable
{
    /// <summary>The budget register counts in 64ths of a tick, so that a shift by 12 tells whether less than 64 ticks are left.</summary>
    internal const int TickScale = 64;

    internal const int TickShift = 6;

    /// <summary>Most ticks lent at once.</summary>
    private const long MostTicks = 1L << 40;

    private const uint SimdMasks = 0x1F80;

    private readonly Cpu* _cpu;
    private readonly CodeArena _arena = new();
    private readonly HostEmitter _emitter = new();
    private readonly BlockTranslator _blocks;
    private readonly BlockLister _lister;
    private readonly HostFaultSlot* _faults;

    internal TranslatorEngine(Cpu* cpu, byte* ops)
    {
        _cpu = cpu;
        _emitter.Next = _arena.Next;
        cpu->Host.Ops = ops;
        HostStubs stubs = new(cpu, _emitter);
        _arena.Next = _emitter.Next;
        _arena.KeepStubs();
        _blocks = new BlockTranslator(cpu, _emitter, stubs);
        _lister = new BlockLister(cpu, _arena, _emitter, stubs, _blocks);
        _faults = HostFaults.Register(_arena.Start, _arena.End, stubs.Recover, (byte*)((HostFrame*)cpu - 1));
        cpu->Host.Enter = (delegate* unmanaged<byte*, byte*, void>)stubs.Enter;
        HostFrame* frame = (HostFrame*)cpu - 1;
        frame->TlbMask = TlbEntry.IndexMask;
        frame->JumpMask = (HostJumps.Count - 1) << 2;
    }

    /// <summary>Blocks translated so far; for reports.</summary>
    internal ulong Translated { get; private set; }

    /// <summary>No room for another block: all blocks must be dropped.</summary>
    internal bool IsFull => _arena.IsFull;

    /// <summary>Translates a block for the TLB view of now.</summary>
    /// <returns>False when it must stay with the interpreter for now.</returns>
    internal bool TryTranslate(Block* block)
    {
        TlbEntry* view = _cpu->Tlb;
        if (_arena.IsFull || block->Breakpoint != 0 || block->Stale != 0 || view == TlbView.Of(_cpu->TlbViews, TlbView.None))
            return false;
        Retire(block);
        Translation* translation = (Translation*)_arena.Next;
        byte* code = _emitter.Next = Translation.Code(translation);
        block->Host = _blocks.Translate(block, view);
        block->WasTranslated = 1;
        translation->Block = block;
        translation->Bytes = (int)(_emitter.Next - code);
        _arena.Next = _emitter.Next;
        Translated++;
        return true;
    }

    /// <summary>The host code of a block is not to be entered any more.</summary>
    internal static void Retire(Block* block)
    {
        if (block->Host != null)
            BlockTranslator.Retire(block->Host);
        block->Host = null;
    }

    /// <summary>All blocks are gone.</summary>
    internal void Clear() => _arena.Clear();

    /// <inheritdoc/>
    public void Dispose()
    {
        HostFaults.Release(_faults);
        _arena.Dispose();
    }

    /// <summary>All translations there are.</summary>
    internal List<TranslatedBlock> List()
    {
        List<TranslatedBlock> list = [];
        for (Translation* translation = _arena.After(null); translation != null; translation = _arena.After(translation))
            list.Add(BlockLister.Describe(translation));
        return list;
    }

    /// <summary>The code of one of them, or null when it is gone.</summary>
    internal IReadOnlyList<ListedInstruction>? List(TranslatedBlock block, ulong rip)
    {
        Translation* translation = _arena.Find((byte*)block.Host);
        return translation == null || BlockLister.Describe(translation) != block ? null : _lister.List(translation, rip);
    }

    /// <summary>What to throw after <see cref="SiteKind.HostFault"/>.</summary>
    internal Core.InternalErrorException HostFault()
    {
        Translation* translation = _arena.Find((byte*)_faults->Rip);
        ulong page = ((HostFrame*)_cpu - 1)->Page;
        return translation == null
            ? HostFaultReport.Of(_faults, page, null, [])
            : HostFaultReport.Of(_faults, page, BlockLister.Describe(translation), _lister.List(translation, page | (translation->Block->Start & 0xFFF)));
    }

    /// <summary>Runs host code from a gate until it leaves.</summary>
    /// <param name="code">Where it begins; the block's ticks are charged already.</param>
    /// <param name="entered">The block whose start this is, to be remembered for indirect branches; null inside a block.</param>
    /// <returns>The op to go on with, or null when the chain ends.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static Op* Run(Cpu* cpu, byte* code, Block* entered)
    {
        HostFrame* frame = (HostFrame*)cpu - 1;
        frame->Page = cpu->RipBase & ~0xFFFUL;
        frame->Context = (cpu->Context << 2) | (uint)TlbView.IndexOf(cpu->TlbViews, cpu->Tlb);
        if (entered != null)
            HostJumps.Remember(cpu, entered->Host);
        cpu->Host.X87State = HostX87.Stored;
        return Transfer(cpu, code);
    }

    /// <summary>Goes to host code and comes back.</summary>
    private static Op* Transfer(Cpu* cpu, byte* code)
    {
        HostFrame* frame = (HostFrame*)cpu - 1;
        frame->XmmState = cpu->SseBlocked != 0 || (cpu->State.Mxcsr & SimdMasks) != SimdMasks ? HostFrame.XmmForbidden : HostFrame.XmmStored;
        Lend(cpu, -cpu->Lendable);
        long lent = Math.Min(cpu->Budget, MostTicks);
        cpu->Host.Budget = (ulong)lent << TickShift;
        cpu->Host.EndTick = cpu->Deadline - (ulong)(cpu->Budget - lent);
        cpu->Host.TickBase = cpu->Host.EndTick + cpu->State.TscAdjust;
        cpu->Host.Flags = FlagsForHost(cpu);
        cpu->Host.Enter(code, FrameOffsets.Rsp(cpu));
        long left = (long)(cpu->Host.Budget >> TickShift);
        cpu->Budget += left - lent;
        cpu->Host.Ticks += (ulong)(lent - left);
        Lend(cpu, Math.Max(cpu->Budget - Leave.ChainLength, 0));
        Site* site = cpu->Host.Site;
        cpu->RipBase = frame->Page + site->PageOffset;
        FlagsFromHost(cpu, site->Debt);
        if (cpu->Host.X87State == HostX87.Live)
            HostX87.Give(cpu);
        return Left(cpu, site, (Op*)(cpu->Host.Ops + site->Op));
    }

    /// <summary>Takes ticks out of the interpreter's sight, or gives them back.</summary>
    private static void Lend(Cpu* cpu, long ticks)
    {
        cpu->Budget -= ticks;
        cpu->Deadline -= (ulong)ticks;
        cpu->Lendable += ticks;
    }

    /// <summary>Goes on as the handler of the op would, but returns to the run loop, which runs the next op: generated code never nests.</summary>
    private static Op* Left(Cpu* cpu, Site* site, Op* op)
    {
        switch ((SiteKind)cpu->Host.Kind)
        {
            case SiteKind.Interpret:
                return op;
            case SiteKind.Charge:
                Block* block = (Block*)op - 1;
                if (!BlockTranslator.IsRetired((byte*)(site + 1)))
                    cpu->Budget += block->Count;
                return Leave.Charge(cpu, block);
            case SiteKind.NotTaken:
                Link(cpu, site, op->LinkNext, condition: false);
                return NotTaken(cpu, op);
            case SiteKind.FarNotTaken:
                return NotTaken(cpu, op);
            case SiteKind.FarTaken:
                return Taken(cpu, op);
            case SiteKind.LoadX87:
                return HostX87.TryTake(cpu) ? Transfer(cpu, (byte*)(site + 1)) : op;
            case SiteKind.HostFault:
                throw cpu->Processor.HostFault();
            default:
                Link(cpu, site, op->Link, condition: (SiteKind)cpu->Host.Kind == SiteKind.TakenCondition);
                return Taken(cpu, op);
        }
    }

    private static Op* Taken(Cpu* cpu, Op* op)
    {
        cpu->RipBase += op->Imm;
        return op->Link == null || op->Link->Stale != 0 ? Leave.AskLink(cpu, op, notTaken: false) : Leave.Charge(cpu, op->Link);
    }

    private static Op* NotTaken(Cpu* cpu, Op* op)
    {
        cpu->RipBase += (ulong)(op->Offset + op->Length);
        return op->LinkNext == null || op->LinkNext->Stale != 0 ? Leave.AskLink(cpu, op, notTaken: true) : Leave.Charge(cpu, op->LinkNext);
    }

    /// <summary>Makes a branch lead straight to its successor, where that has host code for the same view.</summary>
    private static void Link(Cpu* cpu, Site* site, Block* next, bool condition)
    {
        if (next == null || next->Host == null || Block.Ops(next)->Disp != (ulong)cpu->Tlb)
            return;
        byte* call = (byte*)site - Site.CallBytes;
        call[0] = 0xE9; // jmp
        *(int*)(call + 1) = (int)(next->Host - (byte*)site);
        if (!condition)
            return;
        byte* branch = call - Site.Bytes;
        *(int*)(branch - 4) = (int)(next->Host - branch);
    }

    private static ulong FlagsForHost(Cpu* cpu)
    {
        ulong rflags = cpu->RflagsValue;
        return ((rflags & 0xFF) << 8) | ((rflags >> 11) & 1);
    }

    private static void FlagsFromHost(Cpu* cpu, FlagDebt debt)
    {
        ulong flags = cpu->Host.Flags;
        ulong overflow = flags & 1;
        if (debt == FlagDebt.Product)
        {
            cpu->SetResult<ulong>(cpu->Host.Product, overflow != 0, overflow != 0, af: false);
            return;
        }

        ulong status = ((flags >> 8) & 0xFF) | (overflow << 11);
        if (debt == FlagDebt.ClearAf || (debt == FlagDebt.ClearAfIfShifted && cpu->Host.ShiftCount != 0))
            status &= ~Rflags.Af;
        cpu->SetStatus(status);
    }
}
