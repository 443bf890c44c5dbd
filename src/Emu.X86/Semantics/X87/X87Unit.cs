using System.Runtime.CompilerServices;
using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.Semantics.Float;
using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>The x87 register stack, its status word, and when its instructions may run. SDM 1, 8.1.</summary>
internal static unsafe class X87Unit
{
    internal const ushort StackFault = 0x40;
    internal const ushort ErrorSummary = 0x80;
    internal const ushort Busy = 0x8000;
    internal const ushort C0 = 0x100;
    internal const ushort C1 = 0x200;
    internal const ushort C2 = 0x400;
    internal const ushort C3 = 0x4000;
    internal const ushort ConditionCode = C0 | C1 | C2 | C3;
    internal const ushort Empty = 3;

    /// <summary>No #NM and no pending exception stands in the way of an instruction that waits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool CanRun(Cpu* cpu) => (cpu->X87Blocked | cpu->State.Fsw & ErrorSummary) == 0;

    /// <summary>The reason why <see cref="CanRun"/> said no.</summary>
    internal static Op* Raise(Cpu* cpu, Op* op) => cpu->X87Blocked != 0 ? Leave.Fault(cpu, op, Vector.Nm) : RaisePending(cpu, op);

    /// <summary>An unmasked exception is pending and a waiting instruction comes: #MF, or with CR0.NE clear the way of the PC. SDM 1, 8.7.</summary>
    internal static Op* RaisePending(Cpu* cpu, Op* op)
        => (cpu->State.Cr0 & ControlBits.Cr0Ne) != 0 ? Leave.Fault(cpu, op, Vector.Mf) : FloatErrorPins.Report(cpu, op);

    /// <summary>Notes where the instruction and its memory operand are. SDM 1, 8.1.8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Note(Cpu* cpu, Op* op, bool memory)
    {
        cpu->State.Fip = cpu->RipOf(op);
        if (memory)
            NoteOperand(cpu, op);
    }

    private static void NoteOperand(Cpu* cpu, Op* op)
    {
        bool flat = cpu->Is64Bit && op->Segment < (byte)SegmentIndex.Fs;
        cpu->State.Fdp = op->Address(cpu) - (flat ? 0 : cpu->State.Segments[op->Segment].Base);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Top(Cpu* cpu) => cpu->State.Fsw >> 11 & 7;

    /// <summary>A physical register: significand, then sign and exponent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong* Register(Cpu* cpu, int physical) => cpu->State.X87 + 2 * physical;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Physical(Cpu* cpu, int index) => Top(cpu) + index & 7;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsEmpty(Cpu* cpu, int index) => (cpu->State.Ftw >> (2 * Physical(cpu, index)) & 3) == Empty;

    /// <summary>ST(index), empty or not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Float80 Get(Cpu* cpu, int index)
    {
        ulong* register = Register(cpu, Physical(cpu, index));
        return new Float80(register[0], (ushort)register[1]);
    }

    /// <summary>Writes ST(index), which is valid then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Set(Cpu* cpu, int index, Float80 value)
    {
        int physical = Physical(cpu, index);
        ulong* register = Register(cpu, physical);
        register[0] = value.Significand;
        register[1] = value.SignExponent;
        cpu->State.Ftw &= (ushort)~(3 << (2 * physical));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Free(Cpu* cpu, int index) => cpu->State.Ftw |= (ushort)(3 << (2 * Physical(cpu, index)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void MoveTop(Cpu* cpu, int distance) =>
        cpu->State.Fsw = (ushort)(cpu->State.Fsw & ~0x3800 | (Top(cpu) + distance & 7) << 11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Pop(Cpu* cpu)
    {
        Free(cpu, 0);
        MoveTop(cpu, 1);
    }

    internal static void Push(Cpu* cpu, Float80 value)
    {
        MoveTop(cpu, -1);
        Set(cpu, 0, value);
    }

    /// <summary>Enters an instruction's exceptions and C1 into the status word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Settle(Cpu* cpu, in FloatContext context)
    {
        int status = cpu->State.Fsw & ~C1 | (int)context.Raised | (context.RoundedUp ? C1 : 0);
        cpu->State.Fsw = (ushort)status;
        if (context.Unmasked != FloatExceptions.None)
            ReportUnmasked(cpu);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReportUnmasked(Cpu* cpu)
    {
        cpu->State.Fsw |= ErrorSummary | Busy;
        X87Opcode.Record(cpu);
    }

    /// <summary>An empty source or a full destination. True when invalid operation is masked: the default response is to be given.</summary>
    internal static bool StackFaulted(Cpu* cpu, bool overflow)
    {
        FloatContext context = new(cpu->State.Fcw);
        context.Raise(FloatExceptions.Invalid);
        context.RoundedUp = overflow;
        Settle(cpu, in context);
        cpu->State.Fsw |= StackFault;
        return !context.IsBlocked;
    }

    /// <summary>Pushes a loaded value; stack overflow when ST(7) is taken.</summary>
    internal static void Load(Cpu* cpu, Float80 value, in FloatContext context)
    {
        if (!IsEmpty(cpu, 7))
        {
            if (StackFaulted(cpu, overflow: true))
                Push(cpu, Float80.Indefinite);
            return;
        }

        Settle(cpu, in context);
        if ((context.Unmasked & FloatExceptions.Invalid) == FloatExceptions.None)
            Push(cpu, value);
    }

    /// <summary>ES and B follow the flags and masks after either was loaded. SDM 1, 8.1.3.3.</summary>
    internal static void RefreshSummary(Cpu* cpu)
    {
        bool pending = (cpu->State.Fsw & ~cpu->State.Fcw & 0x3F) != 0;
        cpu->State.Fsw = (ushort)(cpu->State.Fsw & ~(ErrorSummary | Busy) | (pending ? ErrorSummary | Busy : 0));
        if (!pending)
            FloatErrorPins.Release(cpu);
    }

    /// <summary>FNINIT. SDM 2A, FINIT.</summary>
    internal static void Initialise(Cpu* cpu)
    {
        cpu->State.Fcw = 0x37F;
        cpu->State.Fsw = 0;
        cpu->State.Ftw = 0xFFFF;
        cpu->State.Fop = 0;
        cpu->State.Fip = cpu->State.Fdp = 0;
        FloatErrorPins.Release(cpu);
    }

    /// <summary>The tag word as memory images show it: registers that are not empty are classified by content. SDM 1, 8.1.7.</summary>
    internal static ushort FullTags(Cpu* cpu)
    {
        int tags = 0;
        for (int i = 0; i < 8; i++)
        {
            ulong* register = Register(cpu, i);
            int exponent = (ushort)register[1] & 0x7FFF;
            int tag = (cpu->State.Ftw >> (2 * i) & 3) == Empty ? Empty
                : exponent == 0 && register[0] == 0 ? 1
                : exponent is 0 or 0x7FFF || register[0] >> 63 == 0 ? 2 : 0;
            tags |= tag << (2 * i);
        }

        return (ushort)tags;
    }
}
