using System.Runtime.CompilerServices;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>MASKMOVQ, MASKMOVDQU: bytes whose mask byte has its sign bit set go to DS:rDI. SDM 2A.</summary>
internal static unsafe class MaskedMove
{
    internal static Op* Mmx(Cpu* cpu, Op* op)
    {
        if (!MmxPacked.CanRun(cpu))
            return MmxPacked.Raise(cpu, op);
        if (!Store(cpu, op, 8))
            return Leave.Fault(cpu, op);
        MmxPacked.Touch(cpu);
        return Leave.Next(cpu, op);
    }

    internal static Op* Xmm(Cpu* cpu, Op* op)
    {
        if (cpu->SseBlocked != 0)
            return SimdGate.RaiseSse(cpu, op);
        return Store(cpu, op, 16) ? Leave.Next(cpu, op) : Leave.Fault(cpu, op);
    }

    /// <summary>All bytes that are to be written are reached before the first is.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Store(Cpu* cpu, Op* op, int size)
    {
        ulong linear = Address(cpu, op);
        byte* value = Cpu.At(cpu, op->Src), mask = Cpu.At(cpu, op->Extra);
        for (int i = 0; i < size; i++)
        {
            if (mask[i] >> 7 != 0 && !(Cpu.TryRead(cpu, op, linear + (ulong)i, out byte _) && cpu->Processor.Mmu.Reachable(linear + (ulong)i, 1, write: true)))
                return false;
        }

        for (int i = 0; i < size; i++)
        {
            if (mask[i] >> 7 != 0 && !Cpu.TryWrite(cpu, op, linear + (ulong)i, value[i]))
                return false;
        }

        return true;
    }

    private static ulong Address(Cpu* cpu, Op* op)
    {
        ulong offset = *cpu->Gpr(GeneralRegister.Rdi);
        if (op->AddressSize != 8)
            offset &= op->AddressSize == 4 ? 0xFFFF_FFFF : 0xFFFF;
        if (cpu->Is64Bit && op->Segment < (byte)SegmentIndex.Fs)
            return offset;
        ulong linear = cpu->State.Segments[op->Segment].Base + offset;
        return cpu->Is64Bit ? linear : (uint)linear;
    }
}
