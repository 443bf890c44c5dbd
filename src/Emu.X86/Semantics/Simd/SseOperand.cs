using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>XMM registers and memory operands of SSE handlers.</summary>
internal static unsafe class SseOperand
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> Register(Cpu* cpu, ushort offset) => Vector128.Load(Cpu.At(cpu, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Set(Cpu* cpu, ushort offset, Vector128<byte> value) => value.Store(Cpu.At(cpu, offset));

    /// <summary>Host address of an aligned 16-byte operand; false also when it is misaligned, which the slow path turns into #GP(0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool ForAlignedRead(Cpu* cpu, Op* op, out byte* host)
    {
        ulong address = op->Address(cpu);
        return Cpu.ForRead<Vector128<byte>>(cpu, address, out host) && (address & 15) == 0;
    }

    /// <summary>The same for a write.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool ForAlignedWrite(Cpu* cpu, Op* op, out byte* host)
    {
        ulong address = op->Address(cpu);
        return Cpu.ForWrite<Vector128<byte>>(cpu, address, out host) && (address & 15) == 0;
    }

    /// <summary>Loads the low bytes of a vector, the rest zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<byte> Low<T>(byte* source)
        where T : unmanaged
        => sizeof(T) == 16 ? Vector128.Load(source) : Vector128.CreateScalar(Width.Load<T>(source)).AsByte();
}
