namespace Otherworld.Guest.Faults;

/// <summary>One change that a fault made.</summary>
/// <param name="Icount">When.</param>
/// <param name="Address">Linear address of memory; of registers, RIP.</param>
/// <param name="Place">The address in words: function and offset, slab cache, stack of a task.</param>
/// <param name="Before">Bytes before, hexadecimal; of registers, <c>rax=0</c>.</param>
/// <param name="After">The same afterwards.</param>
/// <param name="What">What that means: instructions before and after, the argument of a call.</param>
public sealed record FaultChange(ulong Icount, ulong Address, string Place, string Before, string After, string What);
