using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Emu.X86.Interpreter;
using Emu.X86.Semantics.Float;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>Handlers of packed arithmetic: the common case, as in <see cref="SseScalar"/>, on the host's vectors; otherwise element by element.</summary>
internal static unsafe class SsePacked
{
    internal static Op* Register<TOp, TFormat>(Cpu* cpu, Op* op)
        where TOp : struct, ISseScalar
        where TFormat : struct, IBinaryFormat
        => TryFast<TOp, TFormat>(cpu, op, Cpu.At(cpu, op->Src)) ? op[1].Fn(cpu, op + 1) : SseFloat.Register<VectorFloatOps.Each<TOp, TFormat>>(cpu, op);

    internal static Op* Memory<TOp, TFormat>(Cpu* cpu, Op* op)
        where TOp : struct, ISseScalar
        where TFormat : struct, IBinaryFormat
        => SseOperand.ForAlignedRead(cpu, op, out byte* source) && TryFast<TOp, TFormat>(cpu, op, source)
            ? op[1].Fn(cpu, op + 1)
            : SseFloat.Memory<VectorFloatOps.Each<TOp, TFormat>>(cpu, op);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryFast<TOp, TFormat>(Cpu* cpu, Op* op, byte* source)
        where TOp : struct, ISseScalar
        where TFormat : struct, IBinaryFormat
    {
        if (cpu->SseBlocked != 0 || !SseScalar.IsCommon(cpu)
            || !TOp.TryFast<TFormat>(SseOperand.Register(cpu, op->Dst), SseOperand.Low<Vector128<byte>>(source), out Vector128<byte> result))
            return false;
        SseOperand.Set(cpu, op->Dst, result);
        return true;
    }
}
