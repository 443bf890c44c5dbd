namespace Emu.X86.State;

/// <summary>Segment registers in their encoding order, then the two system segments.</summary>
public enum SegmentIndex : byte
{
    Es,
    Cs,
    Ss,
    Ds,
    Fs,
    Gs,
    Ldtr,
    Tr,
}
