using Iced.Intel;

namespace Otherworld.Guest.Faults.Classes;

/// <summary>The result goes to the wrong register.</summary>
internal sealed class WrongDestination : RegisterFault
{
    /// <inheritdoc/>
    public override string Name => "destination";

    /// <inheritdoc/>
    public override string Summary => "write to another register: one bit of its number is flipped";

    /// <inheritdoc/>
    protected override bool IsConfused(OpAccess access) => access is OpAccess.Write or OpAccess.ReadWrite or OpAccess.CondWrite or OpAccess.ReadCondWrite;
}
