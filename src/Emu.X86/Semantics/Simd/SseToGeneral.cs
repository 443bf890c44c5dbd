using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.Semantics.Float;
using Emu.X86.Semantics.X87;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>CVTxx2SI, CVTTxx2SI, COMISx, UCOMISx: from an XMM register or memory to a general register or the flags.</summary>
internal static unsafe class SseToGeneral
{
    /// <summary>Source of format <typeparamref name="TFormat"/> held in <typeparamref name="T"/>; result of width <typeparamref name="TResult"/>.</summary>
    internal static Op* ConvertRegister<TFormat, T, TResult, TTruncate>(Cpu* cpu, Op* op)
        where TFormat : struct, IBinaryFormat
        where T : unmanaged
        where TResult : unmanaged
        where TTruncate : struct, IConstant
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Convert<TFormat, T, TResult>(cpu, op, Cpu.At(cpu, op->Src), TTruncate.Value != 0))
            return SimdGate.RaiseSimdException(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* ConvertMemory<TFormat, T, TResult, TTruncate>(Cpu* cpu, Op* op)
        where TFormat : struct, IBinaryFormat
        where T : unmanaged
        where TResult : unmanaged
        where TTruncate : struct, IConstant
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        if (!Convert<TFormat, T, TResult>(cpu, op, source, TTruncate.Value != 0))
            return SimdGate.RaiseSimdException(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>COMISx signals quiet NaNs, UCOMISx does not.</summary>
    internal static Op* CompareRegister<TFormat, T, TSignal>(Cpu* cpu, Op* op)
        where TFormat : struct, IBinaryFormat
        where T : unmanaged
        where TSignal : struct, IConstant
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Compare<TFormat, T>(cpu, op, Cpu.At(cpu, op->Src), TSignal.Value != 0))
            return SimdGate.RaiseSimdException(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* CompareMemory<TFormat, T, TSignal>(Cpu* cpu, Op* op)
        where TFormat : struct, IBinaryFormat
        where T : unmanaged
        where TSignal : struct, IConstant
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        if (!Compare<TFormat, T>(cpu, op, source, TSignal.Value != 0))
            return SimdGate.RaiseSimdException(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Convert<TFormat, T, TResult>(Cpu* cpu, Op* op, byte* source, bool truncate)
        where TFormat : struct, IBinaryFormat
        where T : unmanaged
        where TResult : unmanaged
    {
        FloatContext context = FloatContext.FromMxcsr(cpu->State.Mxcsr);
        RoundingMode rounding = truncate ? RoundingMode.TowardZero : context.Rounding;
        ulong value = Width.Load<T>(source);
        long result = sizeof(TResult) == 8 ? SseConversion.ToInt64<TFormat>(value, rounding, ref context) : SseConversion.ToInt32<TFormat>(value, rounding, ref context);
        if (!SseFloat.Settle(cpu, ref context))
            return false;
        Width.StoreRegister<TResult>(Cpu.At(cpu, op->Dst), (ulong)result);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Compare<TFormat, T>(Cpu* cpu, Op* op, byte* source, bool signal)
        where TFormat : struct, IBinaryFormat
        where T : unmanaged
    {
        FloatContext context = FloatContext.FromMxcsr(cpu->State.Mxcsr);
        Relation relation = SseComparison.Compare<TFormat>(Width.Load<T>(Cpu.At(cpu, op->Dst)), Width.Load<T>(source), signal, ref context);
        if (!SseFloat.Settle(cpu, ref context))
            return false;
        cpu->SetStatus(X87Compare.FlagsOf(relation));
        return true;
    }
}
