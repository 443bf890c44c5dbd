using System.Collections.Immutable;
using Emu.X86.State;
using static Emu.X86.Cpuid.CpuidFeatures;

namespace Emu.X86.Cpuid;

/// <summary>
/// What the processor says it is: one fixed model, never the host's. The signature is the last Intel model without speculative execution (family 6,
/// model 36H): kernels look up their list of vulnerable models by it and rightly enable no mitigations; nothing else is derived from it.
/// </summary>
public static class CpuidTable
{
    /// <summary>Family 6, model 36H, stepping 1: CPUID.1.EAX, and EDX after reset.</summary>
    public const uint Signature = 0x0003_0661;

    private const uint MaximumBasic = 0x16;
    private const uint MaximumHypervisor = 0x4000_0000;
    private const uint MaximumExtended = 0x8000_0008;

    private const uint Features1C = Sse3 | Ssse3 | Cx16 | Pcid | Sse41 | Sse42 | X2Apic | Popcnt | TscDeadline | Xsave | Rdrand | Hypervisor;

    private const uint Features1D = Fpu | De | Pse | Tsc | Msr | Pae | Mce | Cx8 | Apic | Sep | Mtrr | Pge | Mca | Cmov | Pat | Pse36 | Clflush | Mmx | Fxsr | Sse | Sse2
        | SelfSnoop;

    private const uint Features7B = FsgsBase | TscAdjust | Smep | Invpcid | NoFcsFds | Rdseed | Smap;

    private const uint FeaturesExtendedD = Syscall | NoExecute | Page1G | Rdtscp | LongMode;

    /// <summary>All leaves; those missing below the maximum answer zeros. The table is searched, not indexed: CPUID is rare.</summary>
    public static ImmutableArray<CpuidLeaf> Leaves { get; } =
    [
        new(0x0, 0, MaximumBasic, 0x756E_6547, 0x6C65_746E, 0x4965_6E69), // GenuineIntel
        new(0x1, 0, Signature, 0x0001_0800, Features1C, Features1D), // one logical processor, CLFLUSH 64 bytes, APIC id 0
        new(0x2, 0, 0x0000_FF01, 0, 0, 0), // see leaf 4
        new(0x4, 0, 0x0000_0121, 0x01C0_003F, 63, 0), // L1 data, 32 KiB, 8 ways
        new(0x4, 1, 0x0000_0122, 0x01C0_003F, 63, 0), // L1 code, 32 KiB, 8 ways
        new(0x4, 2, 0x0000_0143, 0x01C0_003F, 511, 0), // L2, 256 KiB, 8 ways
        new(0x4, 3, 0x0000_0163, 0x03C0_003F, 8191, 0), // L3, 8 MiB, 16 ways
        new(0x6, 0, Arat, 0, 0, 0),
        new(0x7, 0, 0, Features7B, 0, ArchCapabilities),
        new(0xB, 0, 0, 1, 0x0000_0100, 0), // threads in a core
        new(0xB, 1, 0, 1, 0x0000_0201, 0), // processors in the package
        new(0xD, 0, 3, 576, 576, 0), // x87 and SSE: legacy region and header
        new(0xD, 1, Xsaveopt, 0, 0, 0),
        new(0x15, 0, 1, 1, 1_000_000_000, 0), // TSC = crystal = 1 GHz
        new(0x16, 0, 1000, 1000, 100, 0), // MHz: base, maximum, bus
        new(0x4000_0000, 0, MaximumHypervisor, 0x6568_744F, 0x726F_7772, 0x0000_646C), // Otherworld
        new(0x8000_0000, 0, MaximumExtended, 0, 0, 0),
        new(0x8000_0001, 0, 0, 0, LahfSahf, FeaturesExtendedD),
        new(0x8000_0002, 0, 0x6568_744F, 0x726F_7772, 0x7820_646C, 0x362D_3638), // Otherworld x86-64-v2
        new(0x8000_0003, 0, 0x3276_2D34, 0, 0, 0),
        new(0x8000_0004, 0, 0, 0, 0, 0),
        new(0x8000_0006, 0, 0, 0, 0x0100_6040, 0), // L2, 256 KiB, 8 ways, 64-byte lines
        new(0x8000_0007, 0, 0, 0, 0, InvariantTsc),
        new(0x8000_0008, 0, 0x0000_3028, 0, 0, 0), // 48 linear and 40 physical address bits
    ];

    /// <summary>CPUID as executed now.</summary>
    /// <param name="state">CR4, EFER and the mode show through in a few bits.</param>
    /// <param name="apicBase">IA32_APIC_BASE: a disabled APIC is not announced.</param>
    /// <param name="leaf">EAX.</param>
    /// <param name="subleaf">ECX.</param>
    public static CpuidLeaf Answer(in CpuState state, ulong apicBase, uint leaf, uint subleaf)
    {
        bool inRange = leaf <= MaximumBasic || leaf == MaximumHypervisor || (leaf >= 0x8000_0000 && leaf <= MaximumExtended);
        if (!inRange)
            leaf = MaximumBasic; // beyond the last leaf, Intel's processors answer with the highest basic one
        CpuidLeaf answer = Find(leaf, subleaf);
        switch (leaf)
        {
            case 0x1:
                if ((state.Cr4 & ControlBits.Cr4Osxsave) != 0)
                    answer = answer with { Ecx = answer.Ecx | Osxsave };
                return (apicBase & (1 << 11)) != 0 ? answer : answer with { Edx = answer.Edx & ~Apic };
            case 0x8000_0001:
                bool in64Bit = (state.Efer & ControlBits.EferLma) != 0 && (state.Segments[(int)SegmentIndex.Cs].Attributes & SegmentAttributes.Long) != 0;
                return in64Bit ? answer : answer with { Edx = answer.Edx & ~Syscall };
            case 0xB when subleaf > 1:
                return answer with { Ecx = subleaf & 0xFF };
            default:
                return answer;
        }
    }

    private static CpuidLeaf Find(uint leaf, uint subleaf)
    {
        bool hasSubleaves = leaf is 0x4 or 0x7 or 0xB or 0xD;
        uint wanted = hasSubleaves ? subleaf : 0;
        foreach (ref readonly CpuidLeaf entry in Leaves.AsSpan())
        {
            if (entry.Leaf == leaf && entry.Subleaf == wanted)
                return entry;
        }

        return new CpuidLeaf(leaf, subleaf, 0, 0, 0, 0);
    }
}
