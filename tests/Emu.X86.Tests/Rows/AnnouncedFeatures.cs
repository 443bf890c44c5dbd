using Emu.X86.Cpuid;
using Emu.X86.State;
using Iced.Intel;

namespace Emu.X86.Tests.Rows;

/// <summary>What CPUID says of the instruction sets that Iced knows by name (SDM 2A, CPUID).</summary>
internal static class AnnouncedFeatures
{
    /// <summary>Sets without a bit of their own that every processor of this kind has; hints that do nothing where they are not known.</summary>
    internal static readonly CpuidFeature[] Always =
    [
        CpuidFeature.INTEL8086, CpuidFeature.INTEL186, CpuidFeature.INTEL286, CpuidFeature.INTEL386, CpuidFeature.INTEL486, CpuidFeature.FPU287, CpuidFeature.FPU387,
        CpuidFeature.CPUID, CpuidFeature.RDPMC, CpuidFeature.PAUSE, CpuidFeature.MULTIBYTENOP,
    ];

    /// <summary>Hints: they do nothing on processors without the bit, as here.</summary>
    internal static readonly CpuidFeature[] Hints =
        [CpuidFeature.PREFETCHW, CpuidFeature.PREFETCHWT1, CpuidFeature.PREFETCHITI, CpuidFeature.CLDEMOTE, CpuidFeature.CET_IBT];

    /// <summary>Bits of the feature leaves that announce instructions.</summary>
    internal static readonly (CpuidFeature Feature, uint Leaf, char Register, int Bit)[] Bits =
    [
        (CpuidFeature.SSE3, 1, 'c', 0), (CpuidFeature.PCLMULQDQ, 1, 'c', 1), (CpuidFeature.MONITOR, 1, 'c', 3), (CpuidFeature.VMX, 1, 'c', 5), (CpuidFeature.SMX, 1, 'c', 6),
        (CpuidFeature.SSSE3, 1, 'c', 9), (CpuidFeature.FMA, 1, 'c', 12), (CpuidFeature.CMPXCHG16B, 1, 'c', 13), (CpuidFeature.SSE4_1, 1, 'c', 19),
        (CpuidFeature.SSE4_2, 1, 'c', 20), (CpuidFeature.MOVBE, 1, 'c', 22), (CpuidFeature.POPCNT, 1, 'c', 23), (CpuidFeature.AES, 1, 'c', 25),
        (CpuidFeature.XSAVE, 1, 'c', 26), (CpuidFeature.AVX, 1, 'c', 28), (CpuidFeature.F16C, 1, 'c', 29), (CpuidFeature.RDRAND, 1, 'c', 30),
        (CpuidFeature.FPU, 1, 'd', 0), (CpuidFeature.TSC, 1, 'd', 4), (CpuidFeature.MSR, 1, 'd', 5), (CpuidFeature.CX8, 1, 'd', 8), (CpuidFeature.SEP, 1, 'd', 11),
        (CpuidFeature.CMOV, 1, 'd', 15), (CpuidFeature.CLFSH, 1, 'd', 19), (CpuidFeature.MMX, 1, 'd', 23), (CpuidFeature.FXSR, 1, 'd', 24),
        (CpuidFeature.SSE, 1, 'd', 25), (CpuidFeature.SSE2, 1, 'd', 26),
        (CpuidFeature.FSGSBASE, 7, 'b', 0), (CpuidFeature.BMI1, 7, 'b', 3), (CpuidFeature.AVX2, 7, 'b', 5), (CpuidFeature.BMI2, 7, 'b', 8), (CpuidFeature.INVPCID, 7, 'b', 10),
        (CpuidFeature.RTM, 7, 'b', 11), (CpuidFeature.AVX512F, 7, 'b', 16), (CpuidFeature.RDSEED, 7, 'b', 18), (CpuidFeature.ADX, 7, 'b', 19), (CpuidFeature.SMAP, 7, 'b', 20),
        (CpuidFeature.CLFLUSHOPT, 7, 'b', 23), (CpuidFeature.CLWB, 7, 'b', 24), (CpuidFeature.SHA, 7, 'b', 29),
        (CpuidFeature.PKU, 7, 'c', 3), (CpuidFeature.WAITPKG, 7, 'c', 5), (CpuidFeature.CET_SS, 7, 'c', 7), (CpuidFeature.GFNI, 7, 'c', 8), (CpuidFeature.VAES, 7, 'c', 9),
        (CpuidFeature.VPCLMULQDQ, 7, 'c', 10), (CpuidFeature.RDPID, 7, 'c', 22), (CpuidFeature.MOVDIRI, 7, 'c', 27), (CpuidFeature.MOVDIR64B, 7, 'c', 28),
        (CpuidFeature.ENQCMD, 7, 'c', 29), (CpuidFeature.SERIALIZE, 7, 'd', 14), (CpuidFeature.PCONFIG, 7, 'd', 18),
        (CpuidFeature.XSAVEOPT, 0xD, 'a', 0), (CpuidFeature.XSAVEC, 0xD, 'a', 1), (CpuidFeature.XSAVES, 0xD, 'a', 3),
        (CpuidFeature.SVM, 0x8000_0001, 'c', 2), (CpuidFeature.LZCNT, 0x8000_0001, 'c', 5), (CpuidFeature.SSE4A, 0x8000_0001, 'c', 6),
        (CpuidFeature.XOP, 0x8000_0001, 'c', 11), (CpuidFeature.FMA4, 0x8000_0001, 'c', 16), (CpuidFeature.TBM, 0x8000_0001, 'c', 21),
        (CpuidFeature.SYSCALL, 0x8000_0001, 'd', 11), (CpuidFeature.RDTSCP, 0x8000_0001, 'd', 27), (CpuidFeature.X64, 0x8000_0001, 'd', 29),
    ];

    /// <summary>Bits that announce something other than instructions, each with a test of its own or a device.</summary>
    internal static readonly (string Name, uint Leaf, char Register, int Bit)[] Others =
    [
        ("PCID", 1, 'c', 17), ("x2APIC", 1, 'c', 21), ("TSC-deadline", 1, 'c', 24), ("hypervisor", 1, 'c', 31),
        ("DE", 1, 'd', 2), ("PSE", 1, 'd', 3), ("PAE", 1, 'd', 6), ("MCE", 1, 'd', 7), ("APIC", 1, 'd', 9), ("MTRR", 1, 'd', 12), ("PGE", 1, 'd', 13), ("MCA", 1, 'd', 14),
        ("PAT", 1, 'd', 16), ("PSE-36", 1, 'd', 17), ("self-snoop", 1, 'd', 27),
        ("IA32_TSC_ADJUST", 7, 'b', 1), ("SMEP", 7, 'b', 7), ("FCS and FDS are zero", 7, 'b', 13), ("IA32_ARCH_CAPABILITIES", 7, 'd', 29),
        ("LAHF in 64-bit mode", 0x8000_0001, 'c', 0), ("NX", 0x8000_0001, 'd', 20), ("1 GiB pages", 0x8000_0001, 'd', 26),
    ];

    /// <summary>Whether the processor has the instructions of a set; sets of other makers have no bit here.</summary>
    internal static bool Has(CpuidFeature feature)
    {
        if (Always.Contains(feature))
            return true;
        foreach ((CpuidFeature known, uint leaf, char register, int bit) in Bits)
        {
            if (known == feature)
                return (Register(leaf, register) >> bit & 1) != 0;
        }

        return false;
    }

    /// <summary>A register of a leaf in 64-bit mode; subleaf 1 for leaf DH, 0 for the others.</summary>
    internal static uint Register(uint leaf, char register)
    {
        CpuState state = new() { Efer = ControlBits.EferLma };
        state.Segments[(int)SegmentIndex.Cs].Attributes = SegmentAttributes.Long;
        CpuidLeaf answer = CpuidTable.Answer(in state, apicBase: 0xFEE0_0900, leaf, leaf == 0xD ? 1u : 0);
        return register switch { 'a' => answer.Eax, 'b' => answer.Ebx, 'c' => answer.Ecx, _ => answer.Edx };
    }
}
