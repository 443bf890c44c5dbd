namespace Emu.X86.State;

/// <summary>GDTR or IDTR.</summary>
public struct DescriptorTable
{
    public ulong Base;

    /// <summary>Last valid byte offset, 16 bits.</summary>
    public ulong Limit;
}
