using Iced.Intel;

namespace Otherworld.Guest.Faults;

/// <summary>An instruction works with the wrong register: one bit of a register's number is flipped.</summary>
internal abstract class RegisterFault : TextFault
{
    private const int NumberBits = 3; // the fourth lies in the REX prefix, before the opcode

    /// <summary>Whether an operand is one of those that are confused.</summary>
    protected abstract bool IsConfused(OpAccess access);

    /// <inheritdoc/>
    protected override bool Fits(IReadOnlyList<Instruction> function, int index) => Operands(function[index]).Count > 0;

    /// <inheritdoc/>
    protected override byte[]? Mutate(in Instruction instruction, byte[] bytes, FaultPlacement placement)
    {
        int operand = placement.OneOf(Operands(instruction));
        Instruction changed = instruction;
        changed.SetOpRegister(operand, InstructionBytes.Neighbour(instruction.GetOpRegister(operand), (int)placement.Below(NumberBits)));
        return InstructionBytes.Encode(changed, bytes.Length);
    }

    private List<int> Operands(in Instruction instruction)
    {
        InstructionInfo info = new InstructionInfoFactory().GetInfo(instruction, InstructionInfoOptions.NoMemoryUsage);
        List<int> operands = [];
        for (int operand = 0; operand < instruction.OpCount; operand++)
        {
            if (instruction.GetOpKind(operand) == OpKind.Register && InstructionBytes.IsGeneral(instruction.GetOpRegister(operand)) && IsConfused(info.GetOpAccess(operand)))
                operands.Add(operand);
        }

        return operands;
    }
}
