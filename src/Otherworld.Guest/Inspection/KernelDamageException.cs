namespace Otherworld.Guest.Inspection;

/// <summary>
/// A kernel's memory holds something that cannot be followed. Whoever reads one of many objects catches it and notes a <see cref="Damage"/>: a damaged object costs that object.
/// </summary>
/// <param name="address">Linear address of what is damaged.</param>
/// <param name="what">What is wrong with it.</param>
internal sealed class KernelDamageException(ulong address, string what) : Exception(what)
{
    /// <summary>Linear address of what is damaged.</summary>
    public ulong Address { get; } = address;
}
