namespace Emu.X86.Semantics.Control;

/// <summary>What a far return or IRET takes from the stack.</summary>
internal struct ReturnFrame
{
    internal ulong Rip;
    internal ulong Cs;
    internal ulong Flags;
    internal ulong Rsp;
    internal ulong Ss;
}
