using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Emu.X86.Interpreter;
using Emu.X86.Semantics.Float;
using Emu.X86.Semantics.X87;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>CVTPI2Px and CVT(T)Px2PI, between MMX and XMM registers. With an MMX register they are MMX instructions as well: #MF, tags and TOP. SDM 1, 11.4.1.6.</summary>
internal static unsafe class MmxConversion
{
    /// <summary>From an MMX register.</summary>
    internal static Op* FromRegister<TOp>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorFloatOp
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!MmxPacked.CanRun(cpu))
            return MmxPacked.Raise(cpu, op);
        MmxPacked.Touch(cpu);
        return SseFloat.General<TOp, ulong>(cpu, op);
    }

    /// <summary>To an MMX register from an XMM register.</summary>
    internal static Op* ToMmxRegister<TFormat, TTruncate>(Cpu* cpu, Op* op)
        where TFormat : struct, IBinaryFormat
        where TTruncate : struct, IConstant
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!MmxPacked.CanRun(cpu))
            return MmxPacked.Raise(cpu, op);
        if (!Convert<TFormat>(cpu, op, Cpu.At(cpu, op->Src), TTruncate.Value != 0))
            return SimdGate.RaiseSimdException(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>To an MMX register from memory: 8 bytes of singles, or 16 aligned bytes of doubles.</summary>
    internal static Op* ToMmxMemory<TFormat, TTruncate>(Cpu* cpu, Op* op)
        where TFormat : struct, IBinaryFormat
        where TTruncate : struct, IConstant
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!MmxPacked.CanRun(cpu))
            return MmxPacked.Raise(cpu, op);
        if (!(TFormat.Precision == 24 ? Cpu.ForRead<ulong>(cpu, op->Address(cpu), out byte* source) : SseOperand.ForAlignedRead(cpu, op, out source)))
            return SlowPath.Memory(cpu, op);
        if (!Convert<TFormat>(cpu, op, source, TTruncate.Value != 0))
            return SimdGate.RaiseSimdException(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Convert<TFormat>(Cpu* cpu, Op* op, byte* source, bool truncate)
        where TFormat : struct, IBinaryFormat
    {
        // The change to MMX state comes before the floating-point exceptions.
        MmxPacked.Touch(cpu);
        FloatContext context = FloatContext.FromMxcsr(cpu->State.Mxcsr);
        RoundingMode rounding = truncate ? RoundingMode.TowardZero : context.Rounding;
        Vector128<byte> operand = TFormat.Precision == 24 ? SseOperand.Low<ulong>(source) : Vector128.Load(source);
        int first = SseConversion.ToInt32<TFormat>(Elements.Get<TFormat>(operand, 0), rounding, ref context);
        int second = SseConversion.ToInt32<TFormat>(Elements.Get<TFormat>(operand, 1), rounding, ref context);
        if (!SseFloat.Settle(cpu, ref context))
            return false;
        MmxPacked.Write(cpu, op->Dst, (uint)first | (ulong)(uint)second << 32);
        return true;
    }
}
