using Iced.Intel;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>A loop ends under the wrong condition.</summary>
internal sealed class WrongLoop : TextFault
{
    /// <inheritdoc/>
    public override string Name => "loop";

    /// <inheritdoc/>
    public override string Summary => "invert the condition of a jump backwards, or swap REPE and REPNE";

    /// <inheritdoc/>
    protected override bool Fits(IReadOnlyList<Instruction> function, int index) => IsBackwards(function[index]) || Compares(function[index]);

    /// <inheritdoc/>
    protected override byte[]? Mutate(in Instruction instruction, byte[] bytes, FaultPlacement placement) =>
        Compares(instruction) ? InstructionBytes.WithOtherRepeat(bytes) : InstructionBytes.WithOtherCondition(instruction, bytes, 1);

    private static bool IsBackwards(in Instruction instruction) =>
        (instruction.IsJccShort || instruction.IsJccNear) && instruction.NearBranchTarget <= instruction.IP;

    /// <summary>The other string instructions do not look at the flag by which the prefixes differ.</summary>
    private static bool Compares(in Instruction instruction) =>
        instruction.Mnemonic is Mnemonic.Cmpsb or Mnemonic.Cmpsw or Mnemonic.Cmpsd or Mnemonic.Cmpsq or Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd or Mnemonic.Scasq
        && instruction.IsStringInstruction && (instruction.HasRepPrefix || instruction.HasRepnePrefix);
}
