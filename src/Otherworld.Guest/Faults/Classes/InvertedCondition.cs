using Iced.Intel;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>A condition is the wrong way round.</summary>
internal sealed class InvertedCondition : TextFault
{
    /// <inheritdoc/>
    public override string Name => "inverse";

    /// <inheritdoc/>
    public override string Summary => "invert the condition of a jump, SETcc or CMOVcc";

    /// <inheritdoc/>
    protected override bool Fits(IReadOnlyList<Instruction> function, int index) => function[index].ConditionCode != ConditionCode.None && function[index].Mnemonic is not (Mnemonic.Jrcxz or Mnemonic.Jecxz or Mnemonic.Loop);

    /// <inheritdoc/>
    protected override byte[]? Mutate(in Instruction instruction, byte[] bytes, FaultPlacement placement) => InstructionBytes.WithOtherCondition(instruction, bytes, 1);
}
