using Iced.Intel;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>An access goes to the wrong address.</summary>
internal sealed class WrongPointer : TextFault
{
    private const int NumberBits = 3;

    /// <inheritdoc/>
    public override string Name => "pointer";

    /// <inheritdoc/>
    public override string Summary => "flip one bit of a memory operand's displacement or base register's number";

    /// <inheritdoc/>
    protected override bool Fits(IReadOnlyList<Instruction> function, int index) =>
        function[index].MemorySize != MemorySize.Unknown && (function[index].MemoryDisplSize != 0 || InstructionBytes.IsGeneral(function[index].MemoryBase));

    /// <inheritdoc/>
    protected override byte[]? Mutate(in Instruction instruction, byte[] bytes, FaultPlacement placement)
    {
        bool isGeneral = InstructionBytes.IsGeneral(instruction.MemoryBase);
        ConstantOffsets constants = FieldFault.Fields(instruction, bytes);
        if (constants.HasDisplacement && (!isGeneral || placement.Below(2) == 0))
            return FieldFault.FlipBit(bytes, constants.DisplacementOffset, constants.DisplacementSize, placement);
        if (!isGeneral)
            return null;
        Instruction changed = instruction;
        changed.MemoryBase = InstructionBytes.Neighbour(instruction.MemoryBase, (int)placement.Below(NumberBits));
        return InstructionBytes.Encode(changed, bytes.Length);
    }
}
