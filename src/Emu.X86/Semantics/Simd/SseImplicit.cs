using System.Runtime.Intrinsics;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>Instructions with a mask in XMM0 or a result in the flags: PBLENDVB, BLENDVPS, BLENDVPD, PTEST. SDM 2B.</summary>
internal static unsafe class SseImplicit
{
    /// <summary>Elements of <typeparamref name="T"/> come from the source where XMM0 has their sign bit set.</summary>
    internal static Op* Blend<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        SseOperand.Set(cpu, op->Dst, Select<T>(cpu, SseOperand.Register(cpu, op->Dst), SseOperand.Register(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* BlendMemory<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!SseOperand.ForAlignedRead(cpu, op, out byte* source))
            return SlowPath.Memory(cpu, op);
        SseOperand.Set(cpu, op->Dst, Select<T>(cpu, SseOperand.Register(cpu, op->Dst), Vector128.Load(source)));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* Test(Cpu* cpu, Op* op)
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        SetTest(cpu, SseOperand.Register(cpu, op->Dst), SseOperand.Register(cpu, op->Src));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* TestMemory(Cpu* cpu, Op* op)
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!SseOperand.ForAlignedRead(cpu, op, out byte* source))
            return SlowPath.Memory(cpu, op);
        SetTest(cpu, SseOperand.Register(cpu, op->Dst), Vector128.Load(source));
        return op[1].Fn(cpu, op + 1);
    }

    private static void SetTest(Cpu* cpu, Vector128<byte> a, Vector128<byte> b)
    {
        bool none = (a & b) == Vector128<byte>.Zero, covered = (~a & b) == Vector128<byte>.Zero;
        cpu->SetStatus((none ? Rflags.Zf : 0) | (covered ? Rflags.Cf : 0));
    }

    private static Vector128<byte> Select<T>(Cpu* cpu, Vector128<byte> a, Vector128<byte> b)
        where T : unmanaged
    {
        Vector128<T> mask = Vector128.Load((byte*)cpu->State.Xmm).As<byte, T>();
        return Vector128.ConditionalSelect(Vector128.LessThan(mask, Vector128<T>.Zero).AsByte(), b, a);
    }
}
