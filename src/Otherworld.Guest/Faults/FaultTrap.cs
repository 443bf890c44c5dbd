namespace Otherworld.Guest.Faults;

/// <summary>Something that waits until the machine is about to execute an instruction.</summary>
/// <param name="Address">The instruction's linear address.</param>
/// <param name="Handler">What is done then, each time.</param>
internal sealed record FaultTrap(ulong Address, Action Handler);
