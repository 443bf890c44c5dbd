using System.Runtime.Intrinsics;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>Handlers of packed operations on XMM registers.</summary>
internal static unsafe class Packed
{
    internal static Op* Register<TOp>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorOp
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        SseOperand.Set(cpu, op->Dst, TOp.Apply(SseOperand.Register(cpu, op->Dst), SseOperand.Register(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>The source is 16 aligned bytes of memory.</summary>
    internal static Op* Memory<TOp>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorOp
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!SseOperand.ForAlignedRead(cpu, op, out byte* source))
            return SlowPath.Memory(cpu, op);
        SseOperand.Set(cpu, op->Dst, TOp.Apply(SseOperand.Register(cpu, op->Dst), Vector128.Load(source)));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>The source is a narrower memory operand of any alignment.</summary>
    internal static Op* Memory<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorOp
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        SseOperand.Set(cpu, op->Dst, TOp.Apply(SseOperand.Register(cpu, op->Dst), SseOperand.Low<T>(source)));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* RegisterImmediate<TOp>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorImmediateOp
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        SseOperand.Set(cpu, op->Dst, TOp.Apply(SseOperand.Register(cpu, op->Dst), SseOperand.Register(cpu, op->Src), (byte)op->Imm));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* MemoryImmediate<TOp>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorImmediateOp
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!SseOperand.ForAlignedRead(cpu, op, out byte* source))
            return SlowPath.Memory(cpu, op);
        SseOperand.Set(cpu, op->Dst, TOp.Apply(SseOperand.Register(cpu, op->Dst), Vector128.Load(source), (byte)op->Imm));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>The source is a memory operand of any alignment, or a narrower one.</summary>
    internal static Op* MemoryImmediate<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorImmediateOp
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        SseOperand.Set(cpu, op->Dst, TOp.Apply(SseOperand.Register(cpu, op->Dst), SseOperand.Low<T>(source), (byte)op->Imm));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>The only operand is the destination: shifts by an immediate, which is given as the count operand.</summary>
    internal static Op* Count<TOp>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorOp
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        SseOperand.Set(cpu, op->Dst, TOp.Apply(SseOperand.Register(cpu, op->Dst), Vector128.CreateScalar((ulong)(byte)op->Imm).AsByte()));
        return op[1].Fn(cpu, op + 1);
    }
}
