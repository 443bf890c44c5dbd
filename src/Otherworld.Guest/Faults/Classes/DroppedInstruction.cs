using Iced.Intel;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>An instruction is missing.</summary>
internal sealed class DroppedInstruction : TextFault
{
    /// <inheritdoc/>
    public override string Name => "nop";

    /// <inheritdoc/>
    public override string Summary => "drop an instruction";

    /// <inheritdoc/>
    protected override bool Fits(IReadOnlyList<Instruction> function, int index) => function[index].Mnemonic != Mnemonic.Nop;

    /// <inheritdoc/>
    protected override byte[]? Mutate(in Instruction instruction, byte[] bytes, FaultPlacement placement) => InstructionBytes.Nothing(bytes.Length);
}
