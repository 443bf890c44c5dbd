using Iced.Intel;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>A variable on the stack is not initialised.</summary>
internal sealed class DroppedInitialization : TextFault
{
    /// <inheritdoc/>
    public override string Name => "init";

    /// <inheritdoc/>
    public override string Summary => "drop the store of a constant to a variable on the stack";

    /// <inheritdoc/>
    protected override bool Fits(IReadOnlyList<Instruction> function, int index) => function[index] is { Mnemonic: Mnemonic.Mov, Op0Kind: OpKind.Memory, MemoryBase: Register.RSP or Register.RBP } store && store.Op1Kind.IsImmediate();

    /// <inheritdoc/>
    protected override byte[]? Mutate(in Instruction instruction, byte[] bytes, FaultPlacement placement) => InstructionBytes.Nothing(bytes.Length);
}
