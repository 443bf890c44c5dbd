using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.Semantics.Float;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>
/// Handlers of scalar arithmetic: the type T of a row is uint for single, ulong for double precision. The common case (default environment, an
/// inexact result already noted, ordinary operands) is done in the handler on the host's arithmetic.
/// </summary>
internal static unsafe class SseScalar
{
    // MXCSR: everything masked, nearest, no FTZ, no DAZ, PE set.
    private const uint StickyMask = 0xFFE0, StickyDefault = 0x1FA0;

    /// <summary>Of an ordinary operation nothing is to be noted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsCommon(Cpu* cpu) => (cpu->State.Mxcsr & StickyMask) == StickyDefault;

    internal static Op* Register<TOp, TFormat, T>(Cpu* cpu, Op* op)
        where TOp : struct, ISseScalar
        where TFormat : struct, IBinaryFormat
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        byte* target = Cpu.At(cpu, op->Dst), source = Cpu.At(cpu, op->Src);
        if (IsCommon(cpu) && TOp.TryFast<TFormat>(Width.Load<T>(target), Width.Load<T>(source), out ulong result))
        {
            Width.Store<T>(target, result);
            return op[1].Fn(cpu, op + 1);
        }

        if (!Run<TOp, TFormat, T>(cpu, target, source))
            return SimdGate.RaiseSimdException(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* Memory<TOp, TFormat, T>(Cpu* cpu, Op* op)
        where TOp : struct, ISseScalar
        where TFormat : struct, IBinaryFormat
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        byte* target = Cpu.At(cpu, op->Dst);
        if (IsCommon(cpu) && TOp.TryFast<TFormat>(Width.Load<T>(target), Width.Load<T>(source), out ulong result))
        {
            Width.Store<T>(target, result);
            return op[1].Fn(cpu, op + 1);
        }

        if (!Run<TOp, TFormat, T>(cpu, target, source))
            return SimdGate.RaiseSimdException(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Run<TOp, TFormat, T>(Cpu* cpu, byte* target, byte* source)
        where TOp : struct, ISseScalar
        where TFormat : struct, IBinaryFormat
        where T : unmanaged
    {
        FloatContext context = FloatContext.FromMxcsr(cpu->State.Mxcsr);
        ulong result = TOp.Apply<TFormat>(Width.Load<T>(target), Width.Load<T>(source), ref context);
        if (!SseFloat.Settle(cpu, ref context))
            return false;
        Width.Store<T>(target, result);
        return true;
    }
}
