namespace Otherworld.Guest.Inspection;

/// <summary>Something in a kernel's memory that cannot be what it should be, and was not followed.</summary>
/// <param name="Where">In which of the kernel's structures.</param>
/// <param name="Address">Linear address of what is damaged.</param>
/// <param name="What">What is wrong with it.</param>
public sealed record Damage(string Where, ulong Address, string What);
