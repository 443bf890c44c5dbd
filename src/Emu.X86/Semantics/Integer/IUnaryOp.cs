using Emu.X86.Interpreter;
using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>A one-operand operation that replaces its operand; operand and result are zero-extended.</summary>
internal unsafe interface IUnaryOp
{
    /// <summary>Computes the result and sets the flags the instruction changes. <paramref name="op"/> holds a count or further operands.</summary>
    static abstract ulong Apply<T>(Cpu* cpu, Op* op, ulong value)
        where T : unmanaged;
}
