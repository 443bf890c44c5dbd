namespace Emu.X86.Cpuid;

/// <summary>Feature bits that the table announces or the state switches (SDM 2A, CPUID).</summary>
internal static class CpuidFeatures
{
    // Leaf 1, ECX
    internal const uint Sse3 = 1u << 0;
    internal const uint Ssse3 = 1u << 9;
    internal const uint Cx16 = 1u << 13;
    internal const uint Pcid = 1u << 17;
    internal const uint Sse41 = 1u << 19;
    internal const uint Sse42 = 1u << 20;
    internal const uint X2Apic = 1u << 21;
    internal const uint Popcnt = 1u << 23;
    internal const uint TscDeadline = 1u << 24;
    internal const uint Xsave = 1u << 26;
    internal const uint Osxsave = 1u << 27;
    internal const uint Rdrand = 1u << 30;
    internal const uint Hypervisor = 1u << 31;

    // Leaf 1, EDX
    internal const uint Fpu = 1u << 0;
    internal const uint De = 1u << 2;
    internal const uint Pse = 1u << 3;
    internal const uint Tsc = 1u << 4;
    internal const uint Msr = 1u << 5;
    internal const uint Pae = 1u << 6;
    internal const uint Mce = 1u << 7;
    internal const uint Cx8 = 1u << 8;
    internal const uint Apic = 1u << 9;
    internal const uint Sep = 1u << 11;
    internal const uint Mtrr = 1u << 12;
    internal const uint Pge = 1u << 13;
    internal const uint Mca = 1u << 14;
    internal const uint Cmov = 1u << 15;
    internal const uint Pat = 1u << 16;
    internal const uint Pse36 = 1u << 17;
    internal const uint Clflush = 1u << 19;
    internal const uint Mmx = 1u << 23;
    internal const uint Fxsr = 1u << 24;
    internal const uint Sse = 1u << 25;
    internal const uint Sse2 = 1u << 26;
    internal const uint SelfSnoop = 1u << 27;

    // Leaf 6, EAX
    internal const uint Arat = 1u << 2;

    // Leaf 7, EBX and EDX
    internal const uint FsgsBase = 1u << 0;
    internal const uint TscAdjust = 1u << 1;
    internal const uint Smep = 1u << 7;
    internal const uint Invpcid = 1u << 10;
    internal const uint NoFcsFds = 1u << 13;
    internal const uint Rdseed = 1u << 18;
    internal const uint Smap = 1u << 20;
    internal const uint ArchCapabilities = 1u << 29;

    // Leaf DH, subleaf 1, EAX
    internal const uint Xsaveopt = 1u << 0;

    // Leaf 80000001H, ECX and EDX
    internal const uint LahfSahf = 1u << 0;
    internal const uint Syscall = 1u << 11;
    internal const uint NoExecute = 1u << 20;
    internal const uint Page1G = 1u << 26;
    internal const uint Rdtscp = 1u << 27;
    internal const uint LongMode = 1u << 29;

    // Leaf 80000007H, EDX
    internal const uint InvariantTsc = 1u << 8;
}
