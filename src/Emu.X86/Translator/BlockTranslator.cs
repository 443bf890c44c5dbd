using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.Semantics;
using Emu.X86.State;
using Iced.Intel;

namespace Emu.X86.Translator;

/// <summary>
/// Turns one block of ops into host code, op by op. Members live by topic: operands and the TLB check, flags, integer instructions, the
/// stack, branches.
/// </summary>
internal sealed unsafe partial class BlockTranslator
{
    /// <summary>From where RSP points to the processor.</summary>
    private const int ToCpu = 64 - HostFrame.RspOffset;

    private const int NoWindow = -1;

    private readonly Cpu* _cpu;
    private readonly HostStubs _stubs;
    private readonly HostEmitter _emitter;
    private readonly Recipes _recipes = new();
    private readonly FrameOffsets _at;
    private readonly HostMasks _masks;
    private readonly AccessPlan _plan = new();
    private Block* _block;
    private int _start;
    private int _view;
    private Op* _resume;
    private FlagDebt _debt;
    private bool _xmmReady;

    /// <summary>Index of the running op's place in <see cref="_plan"/>, and the window whose delta is in R11.</summary>
    private int _index;
    private int _delta = NoWindow;

    private readonly int[] _starts = new int[(3 * BlockCache.MaxInstructions) + 2];

    internal BlockTranslator(Cpu* cpu, HostEmitter emitter, HostStubs stubs)
    {
        _cpu = cpu;
        _emitter = emitter;
        _stubs = stubs;
        _at = new FrameOffsets(cpu);
        _masks = new HostMasks(cpu);
    }

    /// <summary>Where the host code of each op of the last block starts, in bytes from the first.</summary>
    internal ReadOnlySpan<int> Starts => _starts;

    /// <summary>Writes the host code of a block for one TLB view and arms its gates.</summary>
    /// <returns>Where other blocks jump to.</returns>
    internal byte* Translate(Block* block, TlbEntry* view)
    {
        _block = block;
        _start = (int)(block->Start & 0xFFF);
        SetView(view);
        Op* ops = Block.Ops(block);
        byte* code = _emitter.Next;
        byte* entry = EmitCharge(ops);
        bool reachable = false;
        for (int i = 0; i < block->OpCount; i++)
        {
            Op* op = ops + i;
            _starts[i] = (int)(_emitter.Next - code);
            if (Gate.Is(op))
            {
                reachable = true;
                _debt = FlagDebt.None;
                _xmmReady = false;
                _x87Ready = false;
                _x87PageNoted = false;
                _delta = NoWindow;
                _plan.Make(block, i + 1, _recipes);
                Gate.Arm(op, _emitter.Next, View, first: i == 0);
                continue;
            }

            if (!reachable)
                continue;
            _resume = op;
            if (op->Length == 0 && i == block->OpCount - 1)
            {
                EmitFallThrough(op);
                break;
            }

            bool segment = Decode.AddressGeneration.IsBased64(op);
            if (segment)
                i++;
            _index = i;
            reachable = Translate(op, segment ? op + 1 : op);
        }

        return entry;
    }

    /// <summary>The first op of a block translated earlier and not to be entered again: what jumps there finds its way to the interpreter.</summary>
    internal static void Retire(byte* entry)
    {
        entry[0] = 0xEB;
        entry[1] = unchecked((byte)-(Site.Bytes + 2));
    }

    /// <summary>The block at this entry was retired.</summary>
    internal static bool IsRetired(byte* entry) => entry[0] == 0xEB;

    /// <summary>Takes the block's ticks from the budget; when less than 64 are left, a stub gives them back.</summary>
    private byte* EmitCharge(Op* first)
    {
        byte* island = _emitter.Next;
        _debt = FlagDebt.None;
        EmitSite(SiteKind.Charge, first);
        byte* entry = _emitter.Next;
        _emitter.Lea(HostRegister.Budget, new Memory(HostRegister.Budget, -TranslatorEngine.TickScale * _block->Count));
        _emitter.ShiftRight(HostRegister.Rcx, HostRegister.Budget, HostRegister.Rsp);
        byte* low = _emitter.JumpIfZero();
        low[-1] = (byte)(island - low);
        return entry;
    }

    /// <summary>One op; <paramref name="operand"/> is the op with the memory operand (an address-generation op, or the op itself).</summary>
    /// <returns>False when host code does not go on behind it.</returns>
    private bool Translate(Op* operand, Op* op)
    {
        byte* start = _emitter.Next;
        FlagDebt debt = _debt;
        bool xmm = _xmmReady;
        if (op->Length != 0 && op->Code != 0 && FormOf(op, out bool memory))
        {
            Recipe recipe = _recipes[(Code)op->Code];
            if (recipe.Treatment >= Treatment.Condition)
            {
                if (EmitBranch(recipe, op, operand, memory))
                    return false;
            }
            else if (EmitPlain(recipe, op, operand, memory))
            {
                return true;
            }
        }

        _emitter.Next = start;
        _debt = debt;
        _xmmReady = xmm;
        EmitSite(SiteKind.Interpret, _resume);
        return false;
    }

    private bool EmitPlain(Recipe recipe, Op* op, Op* operand, bool memory)
    {
        if (recipe.NeedsXmm)
            EnsureXmm();
        return recipe.Treatment switch
        {
            Treatment.Nothing => true,
            Treatment.Same => EmitSame(recipe, op, operand, memory),
            Treatment.SameCarryOnly or Treatment.Rotate => EmitCarryOnly(recipe, op, operand, memory),
            Treatment.Lea => EmitLea(recipe, op),
            Treatment.Shift => EmitShift(recipe, op, operand, memory),
            Treatment.ShiftByCl => EmitShiftByCl(recipe, op, operand, memory),
            Treatment.Multiply => EmitMultiply(recipe, op, operand, memory),
            Treatment.RotateByCl => EmitRotateByCl(recipe, op, operand, memory),
            Treatment.Divide or Treatment.SignedDivide => EmitDivide(recipe, op, operand, memory, signed: recipe.Treatment == Treatment.SignedDivide),
            Treatment.Scan => EmitScan(recipe, op, operand, memory),
            Treatment.X87 => EmitX87(recipe, op, operand, memory),
            Treatment.X87Control => EmitX87Control(recipe, op, operand, memory),
            Treatment.X87LoadControl => EmitX87LoadControl(recipe, op, operand),
            Treatment.PushRegister => EmitPushRegister(op),
            Treatment.PushImmediate => EmitPushImmediate(op),
            Treatment.Pop => EmitPop(op),
            Treatment.Leave => EmitLeave(),
            Treatment.CompareExchange16 => EmitCompareExchange16(operand),
            Treatment.PushMemory => EmitPushMemory(op, operand, memory),
            Treatment.PopMemory => EmitPopMemory(op, operand, memory),
            Treatment.ReadSelector => EmitReadSelector(recipe, op, operand, memory),
            Treatment.ReadBase or Treatment.WriteBase => EmitBase(recipe, op),
            Treatment.ReadTime => EmitReadTime(op),
            _ => EmitSystem(recipe, op),
        };
    }

    /// <summary>Which form of its row an op is; false when it is neither (an undefined instruction).</summary>
    internal static bool FormOf(Op* op, out bool memory)
    {
        ref readonly InsnRow row = ref InsnTable.Instance[(Code)op->Code];
        if (Semantics.Integer.Fusion.IsFused(op, out memory))
            return true;
        memory = (nint)op->Fn == row.MemoryForm || (nint)op->Fn == row.BasedForm;
        return memory || (nint)op->Fn == row.RegisterForm;
    }

    /// <summary>Leaves generated code; <paramref name="op"/> is what the run loop needs to go on.</summary>
    private void EmitSite(SiteKind kind, Op* op)
    {
        _emitter.Call(_stubs[kind]);
        _emitter.Dword((int)((byte*)op - _cpu->Host.Ops));
        _emitter.Word(Site.MakePlace((uint)_start, _debt));
    }

    /// <summary>Before the first SSE instruction behind an entry: XMM registers come to the host, unless SSE may fault.</summary>
    private void EnsureXmm()
    {
        if (_xmmReady)
            return;
        _xmmReady = true;
        _delta = NoWindow;
        _emitter.Load(HostRegister.Rcx, new Memory(HostRegister.Rsp, _at.XmmState));
        byte* live = _emitter.JumpIfZero();
        _emitter.Call(_stubs.LoadXmm);
        _emitter.Dword((int)((byte*)_resume - _cpu->Host.Ops));
        _emitter.Word(Site.MakePlace((uint)_start, _debt));
        _emitter.Here(live);
    }

    private Memory Frame(int offset) => new(HostRegister.Rsp, offset);

    /// <summary>Where a guest register lies in memory.</summary>
    private static Memory Slot(int guest) => new(HostRegister.Rsp, ToCpu + (guest * 8));
}
