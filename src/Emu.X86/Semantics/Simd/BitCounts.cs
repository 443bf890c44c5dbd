using System.Numerics;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>POPCNT and CRC32. SDM 2A and 2B.</summary>
internal static unsafe class BitCounts
{
    // 11EDC6F41H, reflected.
    private const uint Polynomial = 0x82F6_3B78;

    internal static Op* PopulationCount<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        SetCount<T>(cpu, op, Width.Load<T>(Cpu.At(cpu, op->Src)));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* PopulationCountMemory<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        SetCount<T>(cpu, op, Width.Load<T>(source));
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* Crc32<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        ulong* target = (ulong*)Cpu.At(cpu, op->Dst);
        *target = Accumulate((uint)*target, Width.Load<T>(Cpu.At(cpu, op->Src)), Width.Bits<T>());
        return op[1].Fn(cpu, op + 1);
    }

    internal static Op* Crc32Memory<T>(Cpu* cpu, Op* op)
        where T : unmanaged
    {
        if (!Cpu.ForRead<T>(cpu, op->Address(cpu), out byte* source))
            return SlowPath.Memory(cpu, op);
        ulong* target = (ulong*)Cpu.At(cpu, op->Dst);
        *target = Accumulate((uint)*target, Width.Load<T>(source), Width.Bits<T>());
        return op[1].Fn(cpu, op + 1);
    }

    private static void SetCount<T>(Cpu* cpu, Op* op, ulong value)
        where T : unmanaged
    {
        Width.StoreRegister<T>(Cpu.At(cpu, op->Dst), (ulong)BitOperations.PopCount(value));
        cpu->SetStatus(value == 0 ? Rflags.Zf : 0);
    }

    private static uint Accumulate(uint crc, ulong value, int bits)
    {
        for (; bits > 0; bits -= 8, value >>= 8)
        {
            crc ^= (byte)value;
            for (int i = 0; i < 8; i++)
                crc = crc >> 1 ^ (Polynomial & (0 - (crc & 1)));
        }

        return crc;
    }
}
