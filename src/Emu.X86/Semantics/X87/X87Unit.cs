using Emu.X86.Exceptions;
using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.X87;

/// <summary>The x87 register stack, its status word, and when its instructions may run. SDM 1, 8.1.</summary>
internal static unsafe partial class X87Unit
{
    /// <summary>
    /// An unmasked exception is pending and a waiting instruction comes: #MF with CR0.NE. Without it FERR# is for the interrupt controller; nothing is wired to it, and the processor
    /// would stop until an interrupt, so the exception is raised all the same. SDM 1, 8.7.
    /// </summary>
    internal static Op* RaisePending(Cpu* cpu, Op* op) => Leave.Fault(cpu, op, Vector.Mf);
}
