using Iced.Intel;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>A decision, or a repetition, is missing.</summary>
internal sealed class DroppedBranch : TextFault
{
    /// <inheritdoc/>
    public override string Name => "branch";

    /// <inheritdoc/>
    public override string Summary => "drop a conditional jump or a REP";

    /// <inheritdoc/>
    protected override bool Fits(IReadOnlyList<Instruction> function, int index) => function[index].FlowControl == FlowControl.ConditionalBranch || Repeats(function[index]);

    /// <inheritdoc/>
    protected override byte[]? Mutate(in Instruction instruction, byte[] bytes, FaultPlacement placement) =>
        Repeats(instruction) ? InstructionBytes.WithoutRepeat(bytes) : InstructionBytes.Nothing(bytes.Length);

    private static bool Repeats(in Instruction instruction) => instruction.IsStringInstruction && (instruction.HasRepPrefix || instruction.HasRepnePrefix);
}
