using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Emu.X86.Interpreter;
using Emu.X86.Semantics.Float;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>Handlers of floating-point operations that see whole XMM registers, and what all SSE floating point shares: MXCSR and #XM. SDM 1, 11.5.</summary>
internal static unsafe class SseFloat
{
    internal static Op* Register<TOp>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorFloatOp
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Run<TOp, Vector128<byte>>(cpu, op, Cpu.At(cpu, op->Src)))
            return SimdGate.RaiseSimdException(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>The source is 16 aligned bytes.</summary>
    internal static Op* Memory<TOp>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorFloatOp
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!SseOperand.ForAlignedRead(cpu, op, out byte* source))
            return SlowPath.Memory(cpu, op);
        if (!Run<TOp, Vector128<byte>>(cpu, op, source))
            return SimdGate.RaiseSimdException(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>The source is narrower, of any alignment.</summary>
    internal static Op* Memory<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorFloatOp
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        if (!Run<TOp, T>(cpu, op, source))
            return SimdGate.RaiseSimdException(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>The source is a general register: CVTSI2SS, CVTSI2SD.</summary>
    internal static Op* General<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorFloatOp
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Run<TOp, T>(cpu, op, Cpu.At(cpu, op->Src)))
            return SimdGate.RaiseSimdException(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>Adds the exceptions to MXCSR. False when one is not masked: the destination must stay as it is.</summary>
    internal static bool Settle(Cpu* cpu, ref FloatContext context)
    {
        // With an exception before the computation nothing was computed, in no element.
        if (context.IsBlocked)
            context.Raised &= FloatExceptions.PreComputation;
        cpu->State.Mxcsr |= (uint)context.Raised;
        return context.Unmasked == FloatExceptions.None;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Run<TOp, T>(Cpu* cpu, Op* op, byte* source)
        where TOp : struct, IVectorFloatOp
        where T : unmanaged
    {
        FloatContext context = FloatContext.FromMxcsr(cpu->State.Mxcsr);
        Vector128<byte> result = TOp.Apply(SseOperand.Register(cpu, op->Dst), SseOperand.Low<T>(source), (byte)op->Imm, ref context);
        if (!Settle(cpu, ref context))
            return false;
        SseOperand.Set(cpu, op->Dst, result);
        return true;
    }
}
