using Iced.Intel;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>A bound is one too large or too small: less for less-or-equal, and the other way round.</summary>
internal sealed class OffByOne : TextFault
{
    private const int Unsigned = 2 ^ 6; // numbers of the conditions B and BE; AE and A differ in the same bit (SDM 2D, table D-1)
    private const int Signed = 0xC ^ 0xE; // L and LE; GE and G

    /// <inheritdoc/>
    public override string Name => "off-by-one";

    /// <inheritdoc/>
    public override string Summary => "confuse < and <=, or > and >=, in a jump, SETcc or CMOVcc";

    /// <inheritdoc/>
    protected override bool Fits(IReadOnlyList<Instruction> function, int index) => Difference(function[index].ConditionCode) != 0;

    /// <inheritdoc/>
    protected override byte[]? Mutate(in Instruction instruction, byte[] bytes, FaultPlacement placement) =>
        InstructionBytes.WithOtherCondition(instruction, bytes, Difference(instruction.ConditionCode));

    private static int Difference(ConditionCode condition) => condition switch
    {
        ConditionCode.b or ConditionCode.be or ConditionCode.ae or ConditionCode.a => Unsigned,
        ConditionCode.l or ConditionCode.le or ConditionCode.ge or ConditionCode.g => Signed,
        _ => 0,
    };
}
