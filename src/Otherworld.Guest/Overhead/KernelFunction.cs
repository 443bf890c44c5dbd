namespace Otherworld.Guest.Overhead;

/// <summary>Code of a linked kernel that has a name and a size.</summary>
/// <param name="Key">What the same code is called in another build of the kernel.</param>
/// <param name="Address">Virtual, of its first byte.</param>
/// <param name="Code">Its bytes.</param>
public sealed record KernelFunction(FunctionKey Key, ulong Address, ReadOnlyMemory<byte> Code)
{
    /// <summary>Whether an address is one of its bytes.</summary>
    public bool Contains(ulong address) => address - Address < (ulong)Code.Length;
}
