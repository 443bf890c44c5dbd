namespace Emu.X86.State;

/// <summary>A segment register with its hidden part. The limit is in bytes, granularity already applied.</summary>
public struct SegmentRegister
{
    public ulong Base;
    public uint Limit;
    public ushort Selector;
    public SegmentAttributes Attributes;

    /// <summary>Descriptor privilege level, 0 to 3.</summary>
    public readonly int Dpl => ((int)Attributes >> 5) & 3;
}
