using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>PEXTRx, PINSRx, EXTRACTPS, INSERTPS. SDM 2A and 2B.</summary>
internal static unsafe class SseElements
{
    /// <summary>To a general register, upper bits cleared.</summary>
    internal static Op* Extract<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        *(ulong*)Cpu.At(cpu, op->Dst) = Width.Load<T>(Element<T>(cpu, op->Src, op));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* ExtractToMemory<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Cpu.ForWrite<T>(cpu, op->Address(cpu), out byte* target))
            return SlowPath.Memory(cpu, op);
        Width.Store<T>(target, Width.Load<T>(Element<T>(cpu, op->Src, op)));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* Insert<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        Width.Store<T>(Element<T>(cpu, op->Dst, op), Width.Load<T>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* InsertFromMemory<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        Width.Store<T>(Element<T>(cpu, op->Dst, op), Width.Load<T>(source));
        return op[1].Fn(cpu, op + 1);
    }

    /// <summary>INSERTPS: source element from immediate bits 7:6, destination element from bits 5:4, bits 3:0 clear elements.</summary>
    internal static Op* InsertSingle(Cpu* cpu, Op* op)
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        PutSingle(cpu, op, ((uint*)Cpu.At(cpu, op->Src))[op->Imm >> 6 & 3]);
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* InsertSingleFromMemory(Cpu* cpu, Op* op)
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        if (!Cpu.ForRead<uint>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        PutSingle(cpu, op, *(uint*)source);
        return op[1].Fn(cpu, op + 1);
    }

    private static void PutSingle(Cpu* cpu, Op* op, uint value)
    {
        uint* target = (uint*)Cpu.At(cpu, op->Dst);
        target[op->Imm >> 4 & 3] = value;
        for (int i = 0; i < 4; i++)
        {
            if ((op->Imm >> i & 1) != 0)
                target[i] = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Element<T>(Cpu* cpu, ushort register, Op* op)
        where T : unmanaged => Cpu.At(cpu, register) + sizeof(T) * (int)(op->Imm & (ulong)(16 / sizeof(T) - 1));
}
