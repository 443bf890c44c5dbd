namespace Otherworld.Guest.Lockstep;

/// <summary>One thing in which two machines differ.</summary>
/// <param name="Name">A register (<c>RAX</c>), a flag (<c>RFLAGS.CF</c>), a field of a device (<c>pit.Channel0.Count</c>) or an address (<c>ram 0x00200040</c>).</param>
/// <param name="Reference">Its value in the first machine.</param>
/// <param name="Subject">Its value in the second.</param>
public sealed record StateDifference(string Name, string Reference, string Subject)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name,-24} {Reference} | {Subject}";
}
