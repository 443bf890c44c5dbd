namespace Emu.X86.State;

/// <summary>Bits of CR0, CR4 and EFER (SDM 3A 2.5, 2.2.1).</summary>
public static class ControlBits
{
    public const ulong Cr0Pe = 1 << 0;
    public const ulong Cr0Mp = 1 << 1;
    public const ulong Cr0Em = 1 << 2;
    public const ulong Cr0Ts = 1 << 3;
    public const ulong Cr0Et = 1 << 4;
    public const ulong Cr0Ne = 1 << 5;
    public const ulong Cr0Wp = 1 << 16;
    public const ulong Cr0Am = 1 << 18;
    public const ulong Cr0Nw = 1 << 29;
    public const ulong Cr0Cd = 1 << 30;
    public const ulong Cr0Pg = 1UL << 31;

    public const ulong Cr4Vme = 1 << 0;
    public const ulong Cr4Pvi = 1 << 1;
    public const ulong Cr4Tsd = 1 << 2;
    public const ulong Cr4De = 1 << 3;
    public const ulong Cr4Pse = 1 << 4;
    public const ulong Cr4Pae = 1 << 5;
    public const ulong Cr4Mce = 1 << 6;
    public const ulong Cr4Pge = 1 << 7;
    public const ulong Cr4Pce = 1 << 8;
    public const ulong Cr4Osfxsr = 1 << 9;
    public const ulong Cr4Osxmmexcpt = 1 << 10;
    public const ulong Cr4Fsgsbase = 1 << 16;
    public const ulong Cr4Pcide = 1 << 17;
    public const ulong Cr4Osxsave = 1 << 18;
    public const ulong Cr4Smep = 1 << 20;
    public const ulong Cr4Smap = 1 << 21;

    public const ulong EferSce = 1 << 0;
    public const ulong EferLme = 1 << 8;
    public const ulong EferLma = 1 << 10;
    public const ulong EferNxe = 1 << 11;
}
