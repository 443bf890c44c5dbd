using Emu.X86.Interpreter;
using Emu.X86.State;
using Iced.Intel;

namespace Emu.X86.Translator;

/// <summary>
/// Which accesses of a stretch of host code lie near each other: those through the same, unchanged or constantly adjusted, base register. One TLB check for
/// the whole window serves them all, since nothing can change the TLB before the code is left.
/// </summary>
internal sealed unsafe class AccessPlan
{
    /// <summary>Windows in a stretch at most; each needs a place to keep its delta.</summary>
    internal const int Windows = 8;

    /// <summary>Wider windows would straddle two pages too often.</summary>
    private const int WidestSpan = 96;

    private const int FarthestOffset = 4096;
    private const int None = -1;
    private const int SlotBytes = 8;

    private readonly int[] _windowOf = new int[(3 * BlockCache.MaxInstructions) + 2];
    private readonly Window[] _windows = new Window[Windows];
    private readonly int[] _offset = new int[16];
    private readonly int[] _version = new int[16];
    private int _count;

    /// <summary>The window of an op's access, or -1.</summary>
    internal int WindowOf(int op) => _windowOf[op] is var window and >= 0 && _windows[window].Members > 1 ? window : None;

    internal ref readonly Window this[int window] => ref _windows[window];

    /// <summary>Plans from an op to the next gate or the end of the block.</summary>
    internal void Make(Block* block, int first, Recipes recipes)
    {
        _count = 0;
        Array.Clear(_offset);
        Array.Clear(_version);
        Op* ops = Block.Ops(block);
        for (int i = first; i < block->OpCount && !Gate.Is(ops + i); i++)
        {
            _windowOf[i] = None;
            Op* op = ops + i;
            if (op->Length == 0 || op->Code == 0)
                continue;
            Recipe recipe = recipes[(Code)op->Code];
            if (recipe.Treatment == Treatment.Interpret)
                break;
            bool memory = BlockTranslator.FormOf(op, out bool isMemory) && isMemory;
            NoteAccess(i, op, recipe, memory);
            NoteWrites(op, recipe, memory);
        }
    }

    private void NoteAccess(int index, Op* op, Recipe recipe, bool memory)
    {
        switch (recipe.Treatment)
        {
            case Treatment.PushRegister or Treatment.PushImmediate or Treatment.PushMemory or Treatment.PushFlags or Treatment.Call:
                Join(index, (int)GeneralRegister.Rsp, -SlotBytes, SlotBytes, write: true);
                _offset[(int)GeneralRegister.Rsp] -= SlotBytes;
                break;
            case Treatment.Pop or Treatment.PopMemory or Treatment.PopFlags or Treatment.Return:
                Join(index, (int)GeneralRegister.Rsp, 0, SlotBytes, write: false);
                _offset[(int)GeneralRegister.Rsp] += SlotBytes;
                break;
            case Treatment.Leave:
                Join(index, (int)GeneralRegister.Rbp, 0, SlotBytes, write: false);
                break;
            case Treatment.Same or Treatment.SameCarryOnly or Treatment.Shift or Treatment.ShiftByCl or Treatment.Rotate or Treatment.Multiply or Treatment.Scan:
            case Treatment.RotateByCl or Treatment.Divide or Treatment.SignedDivide:
            case Treatment.X87 or Treatment.X87Control or Treatment.X87LoadControl:
                if (memory && IsPlain(op))
                    Join(index, op->Base >> 3, (int)op->Disp, (int)(op->Access & Access.SizeMask), (op->Access & Access.Write) != 0);
                break;
        }
    }

    /// <summary>Base and displacement only, no alignment rule, no segment.</summary>
    private static bool IsPlain(Op* op)
        => op->Base < 16 * 8 && op->Index == OperandRegister.Zero && (op->Access & (Access.Aligned | Access.Push | Access.Pop)) == 0
            && (op->Access & (Access.Read | Access.Write)) != 0 && (long)op->Disp is > -FarthestOffset and < FarthestOffset;

    private void Join(int index, int register, int disp, int size, bool write)
    {
        int start = _offset[register] + disp, end = start + size;
        for (int i = _count - 1; i >= 0; i--)
        {
            ref Window window = ref _windows[i];
            if (window.Register != register || window.Version != _version[register])
                continue;
            int low = Math.Min(window.Low, start), high = Math.Max(window.High, end);
            if (high - low > WidestSpan)
                break;
            window = window with { Low = low, High = high, Write = window.Write | write, Members = window.Members + 1 };
            _windowOf[index] = i;
            return;
        }

        if (_count == Windows)
            return;
        _windows[_count] = new Window(register, _version[register], index, _offset[register], start, end, write, 1);
        _windowOf[index] = _count++;
    }

    private void NoteWrites(Op* op, Recipe recipe, bool memory)
    {
        if (TryConstantStep(op, recipe, memory, out int register, out int step))
        {
            _offset[register] += step;
            return;
        }

        uint written = recipe.ImplicitWrites;
        for (int i = 0; i < recipe.OperandCount && i < 2; i++)
        {
            if (i == 0 ? !recipe.WritesFirst : !recipe.WritesSecond)
                continue;
            OperandPlace place = recipe.PlaceOf(i);
            if (place is OperandPlace.Reg or OperandPlace.Opcode || (place == OperandPlace.Rm && !memory))
                written |= 1u << ((i == 0 ? op->Dst : op->Src) >> 3);
            else if (place == OperandPlace.Implied)
                written |= 1u << (int)GeneralRegister.Rax;
        }

        if (recipe.Treatment is Treatment.ClearAc or Treatment.SetAc)
            written = uint.MaxValue; // what may be accessed changes
        if (recipe.Treatment is Treatment.Pop or Treatment.Lea or Treatment.Scan or Treatment.ReadControl or Treatment.ReadBase || (recipe.Treatment == Treatment.ReadSelector && !memory))
            written |= 1u << (op->Dst >> 3);
        for (int i = 0; i < _version.Length; i++)
        {
            if ((written & (1u << i)) == 0)
                continue;
            _version[i]++;
            _offset[i] = 0;
        }
    }

    /// <summary>ADD, SUB or LEA that moves a register by a constant.</summary>
    private static bool TryConstantStep(Op* op, Recipe recipe, bool memory, out int register, out int step)
    {
        register = op->Dst >> 3;
        step = 0;
        long distance;
        if (recipe.Code == Code.Lea_r64_m && op->Base == op->Dst && op->Index == OperandRegister.Zero)
            distance = (long)op->Disp;
        else if (!memory && recipe.Code is Code.Add_rm64_imm8 or Code.Add_rm64_imm32)
            distance = (long)op->Imm;
        else if (!memory && recipe.Code is Code.Sub_rm64_imm8 or Code.Sub_rm64_imm32)
            distance = -(long)op->Imm;
        else
            return false;
        if (distance is <= -FarthestOffset or >= FarthestOffset)
            return false;
        step = (int)distance;
        return true;
    }

    /// <summary>Accesses that share a check.</summary>
    /// <param name="Register">Guest base register.</param>
    /// <param name="Version">How often it had been changed.</param>
    /// <param name="First">The op that checks.</param>
    /// <param name="Offset">How far the register had moved at that op.</param>
    /// <param name="Low">Lowest byte, from where the register was at first.</param>
    /// <param name="High">Behind the highest byte.</param>
    /// <param name="Write">Some access writes.</param>
    /// <param name="Members">Accesses.</param>
    internal readonly record struct Window(int Register, int Version, int First, int Offset, int Low, int High, bool Write, int Members);
}
