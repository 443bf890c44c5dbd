using Iced.Intel;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>Interrupts are not disabled in a section that they must not interrupt.</summary>
internal sealed class DroppedDisable : TextFault
{
    /// <inheritdoc/>
    public override string Name => "intrpt";

    /// <inheritdoc/>
    public override string Summary => "drop a CLI: interrupts come where they must not";

    /// <inheritdoc/>
    public override string Source => FaultSources.Palix;

    /// <inheritdoc/>
    protected override bool Fits(IReadOnlyList<Instruction> function, int index) => function[index].Mnemonic == Mnemonic.Cli;

    /// <inheritdoc/>
    protected override byte[]? Mutate(in Instruction instruction, byte[] bytes, FaultPlacement placement) => InstructionBytes.Nothing(bytes.Length);
}
