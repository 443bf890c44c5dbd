using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>Handlers of packed operations on MMX registers, which are the significands of the x87 registers. SDM 1, 9.5 and SDM 3A, 12.2.</summary>
internal static unsafe class MmxPacked
{
    internal static Op* Register<TOp>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorOp
    {
        if (!CanRun(cpu))
            return Raise(cpu, op);
        Write(cpu, op->Dst, Low(TOp.Apply(Read(cpu, op->Dst), Read(cpu, op->Src))));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>The source has the size of <typeparamref name="T"/>: 8 bytes, or 4 for PUNPCKLxx.</summary>
    internal static Op* Memory<TOp, T>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorOp
        where T : unmanaged
    {
        if (!CanRun(cpu))
            return Raise(cpu, op);
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        Write(cpu, op->Dst, Low(TOp.Apply(Read(cpu, op->Dst), SseOperand.Low<T>(source))));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* RegisterImmediate<TOp>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorImmediateOp
    {
        if (!CanRun(cpu))
            return Raise(cpu, op);
        Write(cpu, op->Dst, Low(TOp.Apply(Read(cpu, op->Dst), Read(cpu, op->Src), (byte)op->Imm)));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* MemoryImmediate<TOp>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorImmediateOp
    {
        if (!CanRun(cpu))
            return Raise(cpu, op);
        if (!Cpu.ForRead<ulong>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        Write(cpu, op->Dst, Low(TOp.Apply(Read(cpu, op->Dst), SseOperand.Low<ulong>(source), (byte)op->Imm)));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>Shift by an immediate.</summary>
    internal static Op* Count<TOp>(Cpu* cpu, Op* op)
        where TOp : struct, IVectorOp
    {
        if (!CanRun(cpu))
            return Raise(cpu, op);
        Write(cpu, op->Dst, Low(TOp.Apply(Read(cpu, op->Dst), Vector128.CreateScalar((ulong)(byte)op->Imm).AsByte())));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>No #NM, #UD or pending x87 exception stands in the way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool CanRun(Cpu* cpu) => (cpu->X87Blocked | cpu->State.Fsw & X87Pending) == 0;

    /// <summary>The reason why <see cref="CanRun"/> said no.</summary>
    internal static Op* Raise(Cpu* cpu, Op* op) =>
        cpu->X87Blocked != 0 ? SimdGate.RaiseMmx(cpu, op) : X87.X87Unit.RaisePending(cpu, op);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> Read(Cpu* cpu, ushort offset) => Vector128.CreateScalar(*(ulong*)Cpu.At(cpu, offset)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Low(Vector128<byte> value) => value.AsUInt64().ToScalar();

    /// <summary>Writes a register; its exponent field becomes all ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Write(Cpu* cpu, ushort offset, ulong value)
    {
        ulong* register = (ulong*)Cpu.At(cpu, offset);
        register[0] = value;
        register[1] = 0xFFFF;
        Touch(cpu);
    }

    /// <summary>Every MMX instruction but EMMS: TOP becomes 0 and all registers valid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Touch(Cpu* cpu)
    {
        cpu->State.Fsw &= unchecked((ushort)~0x3800);
        cpu->State.Ftw = 0;
    }

    // Error summary in the x87 status word.
    private const int X87Pending = 0x80;
}
