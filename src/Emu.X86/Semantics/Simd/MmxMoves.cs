using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>MOVD, MOVQ, MOVNTQ, PMOVMSKB, MOVQ2DQ, MOVDQ2Q with MMX registers. SDM 2B.</summary>
internal static unsafe class MmxMoves
{
    /// <summary>Copies the low bytes of a register and clears the rest.</summary>
    internal static Op* Register<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!MmxPacked.CanRun(cpu))
            return MmxPacked.Raise(cpu, op);
        MmxPacked.Write(cpu, op->Dst, Width.Load<T>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* Load<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!MmxPacked.CanRun(cpu))
            return MmxPacked.Raise(cpu, op);
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        MmxPacked.Write(cpu, op->Dst, Width.Load<T>(source));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* ToGeneral<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!MmxPacked.CanRun(cpu))
            return MmxPacked.Raise(cpu, op);
        MmxPacked.Touch(cpu);
        Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), Width.Load<T>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* Store<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!MmxPacked.CanRun(cpu))
            return MmxPacked.Raise(cpu, op);
        if (!Cpu.ForWrite<T>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        MmxPacked.Touch(cpu);
        Width.Store<T>(target, Width.Load<T>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>PMOVMSKB.</summary>
    internal static Op* SignMask(Cpu* cpu, Op* op)
    {
        if (!MmxPacked.CanRun(cpu))
            return MmxPacked.Raise(cpu, op);
        MmxPacked.Touch(cpu);
        ulong mask = 0, value = *(ulong*)Cpu.At(cpu, op->Src);
        for (int i = 0; i < 8; i++)
            mask |= (value >> (8 * i + 7) & 1) << i;
        *(ulong*)Cpu.At(cpu, op->Dst) = mask;
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>MOVQ2DQ.</summary>
    internal static Op* ToXmm(Cpu* cpu, Op* op)
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!MmxPacked.CanRun(cpu))
            return MmxPacked.Raise(cpu, op);
        MmxPacked.Touch(cpu);
        SseOperand.Set(cpu, op->Dst, SseOperand.Low<ulong>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>MOVDQ2Q.</summary>
    internal static Op* FromXmm(Cpu* cpu, Op* op)
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        return Register<ulong>(cpu, op);
    }

    /// <summary>PEXTRW from an MMX register.</summary>
    internal static Op* ExtractWord(Cpu* cpu, Op* op)
    {
        if (!MmxPacked.CanRun(cpu))
            return MmxPacked.Raise(cpu, op);
        MmxPacked.Touch(cpu);
        *(ulong*)Cpu.At(cpu, op->Dst) = ((ushort*)Cpu.At(cpu, op->Src))[op->Imm & 3];
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>PINSRW into an MMX register.</summary>
    internal static Op* InsertWord(Cpu* cpu, Op* op)
    {
        if (!MmxPacked.CanRun(cpu))
            return MmxPacked.Raise(cpu, op);
        Insert(cpu, op, *(ushort*)Cpu.At(cpu, op->Src));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* InsertWordFromMemory(Cpu* cpu, Op* op)
    {
        if (!MmxPacked.CanRun(cpu))
            return MmxPacked.Raise(cpu, op);
        if (!Cpu.ForRead<ushort>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        Insert(cpu, op, *(ushort*)source);
        return op[1].Fn(cpu, op + 1);
    }

    private static void Insert(Cpu* cpu, Op* op, ushort value)
    {
        int shift = (int)(op->Imm & 3) * 16;
        ulong register = *(ulong*)Cpu.At(cpu, op->Dst);
        MmxPacked.Write(cpu, op->Dst, register & ~(0xFFFFUL << shift) | (ulong)value << shift);
    }
}
