using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>Long memory operands, piece by piece. An operand must not be longer than a page.</summary>
internal static unsafe class FpuMemory
{
    /// <summary>Every byte could be written now; false leaves the fault in <see cref="Cpu.Fault"/>.</summary>
    internal static bool CanWrite(Cpu* cpu, Op* op, ulong linear, int size)
    {
        // A read finds out about canonical addresses; then only pages can be in the way.
        return Cpu.TryRead(cpu, op, linear, out byte _) && Cpu.TryRead(cpu, op, linear + (ulong)size - 1, out byte _)
            && cpu->Processor.Mmu.Reachable(linear, size, write: true);
    }

    internal static bool TryRead(Cpu* cpu, Op* op, ulong linear, byte* target, int size)
    {
        int done = 0;
        for (; done + 8 <= size; done += 8)
        {
            if (!Cpu.TryRead(cpu, op, linear + (ulong)done, out *(ulong*)(target + done)))
                return false;
        }

        for (; done + 2 <= size; done += 2)
        {
            if (!Cpu.TryRead(cpu, op, linear + (ulong)done, out *(ushort*)(target + done)))
                return false;
        }

        return true;
    }

    internal static bool TryWrite(Cpu* cpu, Op* op, ulong linear, byte* source, int size)
    {
        int done = 0;
        for (; done + 8 <= size; done += 8)
        {
            if (!Cpu.TryWrite(cpu, op, linear + (ulong)done, *(ulong*)(source + done)))
                return false;
        }

        for (; done + 2 <= size; done += 2)
        {
            if (!Cpu.TryWrite(cpu, op, linear + (ulong)done, *(ushort*)(source + done)))
                return false;
        }

        return true;
    }
}
