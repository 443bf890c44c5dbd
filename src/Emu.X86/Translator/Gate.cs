using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.Paging;
using Emu.X86.State;

namespace Emu.X86.Translator;

/// <summary>
/// The pseudo op that leads from the interpreter into host code: at the start of each 64-bit block, where it also counts, and behind each op that
/// the interpreter runs. Whoever runs ops one by one passes through it.
/// </summary>
/// <remarks><c>Imm</c> is the host code, <c>Disp</c> the TLB view it was made for, <c>Dst</c> the count, <c>Extra</c> how often the block was translated.</remarks>
internal static unsafe class Gate
{
    /// <summary>Runs of a block before it is translated.</summary>
    internal const int Threshold = 24;

    /// <summary>Below this many ticks the interpreter goes on alone.</summary>
    private const int LeastBudget = 64;

    private const int MostDoublings = 10;

    /// <summary>In <see cref="Op.Prefixes"/> of a gate.</summary>
    private const byte Marker = 0x20;

    /// <summary>Writes a gate.</summary>
    /// <param name="op">Where.</param>
    /// <param name="offset">Bytes from the start of the block.</param>
    /// <param name="first">The block's first op.</param>
    /// <param name="counted">Runs that count as done already.</param>
    internal static void Emit(Op* op, int offset, bool first, int counted)
    {
        *op = default;
        op->Fn = first ? &Count : &Pass;
        op->Offset = (ushort)offset;
        op->Dst = (ushort)counted;
        op->Prefixes = Marker;
        op->Base = op->Index = OperandRegister.Zero;
    }

    internal static bool Is(Op* op) => op->Prefixes == Marker && op->Length == 0;

    /// <summary>From now on the gate leads to host code.</summary>
    internal static void Arm(Op* op, byte* code, TlbEntry* view, bool first)
    {
        op->Fn = first ? &Enter : &Resume;
        op->Imm = (ulong)code;
        op->Disp = (ulong)view;
    }

    /// <summary>In a copy of a block: the gate leads nowhere.</summary>
    internal static void Disarm(Op* op)
    {
        if (Is(op))
            op->Fn = &Pass;
    }

    private static Op* Pass(Cpu* cpu, Op* op) => op[1].Fn(cpu, op + 1);

    private static Op* Count(Cpu* cpu, Op* op)
    {
        if (++op->Dst >= Threshold)
            return Heat(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    private static Op* Enter(Cpu* cpu, Op* op)
    {
        if (op->Disp != (ulong)cpu->Tlb)
            return OtherView(cpu, op);
        if (cpu->Budget + cpu->Lendable < LeastBudget || cpu->BusTouched)
            return op[1].Fn(cpu, op + 1);
        return TranslatorEngine.Run(cpu, (byte*)op->Imm, (Block*)op - 1);
    }

    private static Op* Resume(Cpu* cpu, Op* op)
    {
        if (op->Disp != (ulong)cpu->Tlb || cpu->Budget + cpu->Lendable < LeastBudget || cpu->BusTouched)
            return op[1].Fn(cpu, op + 1);
        return TranslatorEngine.Run(cpu, (byte*)op->Imm, null);
    }

    /// <summary>Code made for another privilege: translated anew when that goes on, each time after twice as many runs.</summary>
    private static Op* OtherView(Cpu* cpu, Op* op)
    {
        if (++op->Dst >= Threshold << Math.Min((int)op->Extra, MostDoublings))
            return Heat(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Op* Heat(Cpu* cpu, Op* op)
    {
        op->Dst = 0;
        if (!cpu->Processor.TryTranslate((Block*)op - 1))
            return op[1].Fn(cpu, op + 1);
        op->Extra++;
        return Enter(cpu, op);
    }
}
