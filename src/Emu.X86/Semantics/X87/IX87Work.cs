using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>What an instruction without memory operand does, once it may run.</summary>
internal unsafe interface IX87Work
{
    static abstract void Run(Cpu* cpu, Op* op);
}
