namespace Emu.X86.Segmentation;

/// <summary>The register part of a 16- or 32-bit TSS, widened (SDM 3A 7.2.1, 7.6).</summary>
internal unsafe struct TaskImage
{
    internal const int Selectors = 6;
    internal ulong Cr3;
    internal ulong Rip;
    internal ulong Flags;
    internal ushort Ldt;
    internal bool Trap;
    internal bool Wide;
    internal fixed uint Gpr[8];
    internal fixed ushort Segments[Selectors];
}
