namespace Otherworld.Guest.Faults;

/// <summary>A function of the kernel.</summary>
/// <param name="Name">Its symbol.</param>
/// <param name="Address">Linear address of its first instruction.</param>
/// <param name="Length">Bytes up to the next symbol.</param>
public sealed record KernelFunction(string Name, ulong Address, int Length);
