using Iced.Intel;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>Interrupts are not enabled again. (This kernel's local_irq_restore() is a test of the saved flag and STI.)</summary>
internal sealed class DroppedEnable : TextFault
{
    /// <inheritdoc/>
    public override string Name => "irq";

    /// <inheritdoc/>
    public override string Summary => "drop an STI: interrupts stay disabled";

    /// <inheritdoc/>
    protected override bool Fits(IReadOnlyList<Instruction> function, int index) => function[index].Mnemonic == Mnemonic.Sti;

    /// <inheritdoc/>
    protected override byte[]? Mutate(in Instruction instruction, byte[] bytes, FaultPlacement placement) => InstructionBytes.Nothing(bytes.Length);
}
