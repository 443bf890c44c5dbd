using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Simd;

/// <summary>Instructions that order or prefetch memory: one processor executes in order, so they do nothing. CLFLUSH faults like a load of one byte.</summary>
internal static unsafe class Hints
{
    internal static Op* Nothing(Cpu* cpu, Op* op) => op[1].Fn(cpu, op + 1);

    internal static Op* Flush(Cpu* cpu, Op* op)
    {
        if (!Cpu.ForRead<byte>(cpu, op->Address(cpu), out _))
            return SlowPath.Memory(cpu, op);
        return op[1].Fn(cpu, op + 1);
    }
}
