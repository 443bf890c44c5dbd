using Emu.X86.State;

namespace Emu.X86.Semantics.Integer;

/// <summary>A two-operand ALU operation; operands and result are zero-extended.</summary>
internal unsafe interface IBinaryOp
{
    /// <summary>The result goes to the first operand (CMP and TEST only set flags).</summary>
    static abstract bool Writes { get; }

    /// <summary>Computes the result and sets all six status flags.</summary>
    static abstract ulong Apply<T>(Cpu* cpu, ulong left, ulong right)
        where T : unmanaged;
}
