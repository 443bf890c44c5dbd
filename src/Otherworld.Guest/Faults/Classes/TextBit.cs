using Iced.Intel;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>One bit of the kernel's code is flipped.</summary>
internal sealed class TextBit : TextFault
{
    /// <inheritdoc/>
    public override string Name => "text";

    /// <inheritdoc/>
    public override string Summary => "flip one bit of an instruction";

    /// <inheritdoc/>
    protected override bool Fits(IReadOnlyList<Instruction> function, int index) => true;

    /// <inheritdoc/>
    protected override byte[]? Mutate(in Instruction instruction, byte[] bytes, FaultPlacement placement)
    {
        int bit = (int)placement.Below((ulong)bytes.Length * 8);
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        return bytes;
    }
}
