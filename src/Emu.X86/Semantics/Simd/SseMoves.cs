using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>MOVAPS, MOVUPS, MOVDQA, MOVDQU, MOVNTxx, MOVSS, MOVSD, MOVD, MOVQ, MOVLPx, MOVHPx and their kin. SDM 2B.</summary>
internal static unsafe class SseMoves
{
    internal static Op* Register(Cpu* cpu, Op* op)
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        SseOperand.Set(cpu, op->Dst, SseOperand.Register(cpu, op->Src));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* LoadAligned(Cpu* cpu, Op* op)
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!SseOperand.ForAlignedRead(cpu, op, out byte* source))
            return SlowPath.Memory(cpu, op);
        SseOperand.Set(cpu, op->Dst, Vector128.Load(source));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* StoreAligned(Cpu* cpu, Op* op)
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!SseOperand.ForAlignedWrite(cpu, op, out byte* target))
            return SlowPath.Memory(cpu, op);
        SseOperand.Register(cpu, op->Src).Store(target);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>Loads the width and clears the rest of the register: MOVUPS, MOVDQU, LDDQU, MOVSS, MOVSD, MOVD, MOVQ from memory.</summary>
    internal static Op* Load<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        SseOperand.Set(cpu, op->Dst, SseOperand.Low<T>(source));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>Stores the low bytes of the register.</summary>
    internal static Op* Store<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Cpu.ForWrite<T>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        Unsafe.WriteUnaligned(target, Unsafe.ReadUnaligned<T>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>Copies the low bytes between registers and leaves the rest: MOVSS, MOVSD.</summary>
    internal static Op* Merge<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        Unsafe.WriteUnaligned(Cpu.At(cpu, op->Dst), Unsafe.ReadUnaligned<T>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>Copies the low bytes of a general or XMM register and clears the rest: MOVD, MOVQ.</summary>
    internal static Op* Extend<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        SseOperand.Set(cpu, op->Dst, SseOperand.Low<T>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>MOVD, MOVQ to a general register.</summary>
    internal static Op* ToGeneral<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), Width.Load<T>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>MOVHLPS, MOVLHPS and the loads of one half: quadword <typeparamref name="TFrom"/> to quadword <typeparamref name="TTo"/>.</summary>
    internal static Op* Half<TTo, TFrom>(Cpu* cpu, Op* op)
        where TTo : struct, IHalf
        where TFrom : struct, IHalf
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        ((ulong*)Cpu.At(cpu, op->Dst))[TTo.Index] = ((ulong*)Cpu.At(cpu, op->Src))[TFrom.Index];
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>MOVLPS, MOVHPS, MOVLPD, MOVHPD from memory.</summary>
    internal static Op* LoadHalf<TTo>(Cpu* cpu, Op* op)
        where TTo : struct, IHalf
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Cpu.ForRead<ulong>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        ((ulong*)Cpu.At(cpu, op->Dst))[TTo.Index] = *(ulong*)source;
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>MOVLPS, MOVHPS, MOVLPD, MOVHPD to memory.</summary>
    internal static Op* StoreHalf<TFrom>(Cpu* cpu, Op* op)
        where TFrom : struct, IHalf
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Cpu.ForWrite<ulong>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        *(ulong*)target = ((ulong*)Cpu.At(cpu, op->Src))[TFrom.Index];
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>MOVNTI: a plain store from a general register.</summary>
    internal static Op* StoreGeneral<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!Cpu.ForWrite<T>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        Width.Store<T>(target, Width.Load<T>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>PMOVMSKB, MOVMSKPS, MOVMSKPD: sign bits to a general register, upper half cleared.</summary>
    internal static Op* SignMask<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        *(ulong*)Cpu.At(cpu, op->Dst) = SseOperand.Register(cpu, op->Src).As<byte, T>().ExtractMostSignificantBits();
        return op[1].Fn(cpu, op + 1);
    }
}
