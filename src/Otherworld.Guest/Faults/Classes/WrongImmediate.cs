using Iced.Intel;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>A constant is wrong.</summary>
internal sealed class WrongImmediate : TextFault
{
    /// <inheritdoc/>
    public override string Name => "immediate";

    /// <inheritdoc/>
    public override string Summary => "flip one bit of an immediate operand";

    /// <inheritdoc/>
    public override string Source => FaultSources.Own;

    /// <inheritdoc/>
    protected override bool Fits(IReadOnlyList<Instruction> function, int index)
    {
        for (int operand = 0; operand < function[index].OpCount; operand++)
        {
            if (function[index].GetOpKind(operand).IsImmediate())
                return true;
        }

        return false;
    }

    /// <inheritdoc/>
    protected override byte[]? Mutate(in Instruction instruction, byte[] bytes, FaultPlacement placement)
    {
        ConstantOffsets constants = FieldFault.Fields(instruction, bytes);
        return constants.HasImmediate ? FieldFault.FlipBit(bytes, constants.ImmediateOffset, constants.ImmediateSize, placement) : null;
    }
}
