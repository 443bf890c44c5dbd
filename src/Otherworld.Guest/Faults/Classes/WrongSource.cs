using Iced.Intel;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>The operand comes from the wrong register.</summary>
internal sealed class WrongSource : RegisterFault
{
    /// <inheritdoc/>
    public override string Name => "source";

    /// <inheritdoc/>
    public override string Summary => "read from another register: one bit of its number is flipped";

    /// <inheritdoc/>
    protected override bool IsConfused(OpAccess access) => access is OpAccess.Read or OpAccess.CondRead;
}
