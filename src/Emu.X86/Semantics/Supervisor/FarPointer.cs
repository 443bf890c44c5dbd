using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>A far pointer in memory: offset, then selector.</summary>
internal static unsafe class FarPointer
{
    /// <summary>Reads m16:16, m16:32 or m16:64.</summary>
    internal static bool TryRead(Cpu* cpu, Op* op, ulong address, int size, out ulong offset, out ushort selector)
    {
        selector = 0;
        bool ok;
        if (size == 8)
        {
            ok = Cpu.TryRead(cpu, op, address, out offset);
        }
        else if (size == 4)
        {
            ok = Cpu.TryRead(cpu, op, address, out uint low);
            offset = low;
        }
        else
        {
            ok = Cpu.TryRead(cpu, op, address, out ushort low);
            offset = low;
        }

        return ok && Cpu.TryRead(cpu, op, address + (ulong)size, out selector);
    }
}
