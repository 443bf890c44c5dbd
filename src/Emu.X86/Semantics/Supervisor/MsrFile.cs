using Emu.X86.Paging;
using Emu.X86.State;

namespace Emu.X86.Semantics.Supervisor;

/// <summary>The model-specific registers that are plain storage or constants, with what their bits allow. SDM 4, table 2-2.</summary>
internal static unsafe class MsrFile
{
    /// <summary>IA32_ARCH_CAPABILITIES: RDCL_NO, SSB_NO, MDS_NO, PSCHANGE_MC_NO, TAA_NO, SBDR_SSDP_NO, FBSDP_NO, PSDP_NO, BHI_NO, GDS_NO, RFDS_NO, ITS_NO.</summary>
    private const ulong ArchCapabilities = (1UL << 0) | (1UL << 4) | (1UL << 5) | (1UL << 6) | (1UL << 8) | (1UL << 13) | (1UL << 14) | (1UL << 15) | (1UL << 20)
        | (1UL << 26) | (1UL << 27) | (1UL << 62);

    /// <summary>Maximum non-turbo ratio: 10 times 100 MHz.</summary>
    private const ulong PlatformInfo = 10UL << 8;

    /// <summary>Eight variable ranges, fixed ranges, write-combining.</summary>
    private const ulong MtrrCapabilities = 8 | (1 << 8) | (1 << 10);

    private const ulong PhysicalMask = (1UL << 40) - 1;

    internal static bool TryRead(ref CpuState state, uint msr, out ulong value)
    {
        switch (msr)
        {
            case Msr.TscAdjust: value = state.TscAdjust; return true;
            case Msr.SysenterCs: value = state.SysenterCs; return true;
            case Msr.SysenterEsp: value = state.SysenterEsp; return true;
            case Msr.SysenterEip: value = state.SysenterEip; return true;
            case Msr.Efer: value = state.Efer; return true;
            case Msr.Star: value = state.Star; return true;
            case Msr.Lstar: value = state.Lstar; return true;
            case Msr.Cstar: value = state.Cstar; return true;
            case Msr.Sfmask: value = state.Sfmask; return true;
            case Msr.KernelGsBase: value = state.KernelGsBase; return true;
            case Msr.TscAux: value = state.TscAux; return true;
            case Msr.Pat: value = state.Pat; return true;
            case Msr.MiscEnable: value = state.MiscEnable; return true;
            case Msr.MtrrDefaultType: value = state.MtrrDefType; return true;
            case Msr.BiosSignature: value = state.MsrSpare[Msr.SpareBiosSignature]; return true;
            case Msr.McgStatus: value = state.MsrSpare[Msr.SpareMcgStatus]; return true;
            case Msr.ArchCapabilities: value = ArchCapabilities; return true;
            case Msr.PlatformInfo: value = PlatformInfo; return true;
            case Msr.MtrrCapabilities: value = MtrrCapabilities; return true;
            case Msr.PlatformId or Msr.McgCapabilities or Msr.DebugControl: value = 0; return true;
            case >= Msr.MtrrVariableFirst and <= Msr.MtrrVariableLast: value = state.MtrrVariable[msr - Msr.MtrrVariableFirst]; return true;
        }

        int index = FixedRange(msr);
        value = index >= 0 ? state.MtrrFixed[index] : 0;
        return index >= 0;
    }

    /// <summary>Writes one register.</summary>
    /// <param name="known">The register exists; when the write fails all the same, the value is not allowed.</param>
    internal static bool TryWrite(ref CpuState state, uint msr, ulong value, out bool known)
    {
        known = true;
        switch (msr)
        {
            case Msr.TscAdjust: state.TscAdjust = value; return true;
            case Msr.SysenterCs: state.SysenterCs = (uint)value; return true;
            case Msr.SysenterEsp: return TryStoreAddress(ref state.SysenterEsp, value);
            case Msr.SysenterEip: return TryStoreAddress(ref state.SysenterEip, value);
            case Msr.Star: state.Star = value; return true;
            case Msr.Lstar: return TryStoreAddress(ref state.Lstar, value);
            case Msr.Cstar: return TryStoreAddress(ref state.Cstar, value);
            case Msr.Sfmask: return TryStore(ref state.Sfmask, value, uint.MaxValue);
            case Msr.TscAux: return TryStore(ref state.TscAux, value, uint.MaxValue);
            case Msr.Pat: return HasMemoryTypes(value, 8, pat: true) && TryStore(ref state.Pat, value, ulong.MaxValue);
            case Msr.MiscEnable: state.MiscEnable = value & 1; return true;
            case Msr.MtrrDefaultType: return IsMemoryType((byte)value, pat: false) && TryStore(ref state.MtrrDefType, value, 0xCFF);
            case Msr.BiosSignature: state.MsrSpare[Msr.SpareBiosSignature] = value; return true;
            case Msr.McgStatus: return value == 0;
            case Msr.DebugControl: return value == 0;
            case >= Msr.MtrrVariableFirst and <= Msr.MtrrVariableLast: return TryWriteVariable(ref state, msr - Msr.MtrrVariableFirst, value);
            case Msr.PlatformId or Msr.McgCapabilities or Msr.ArchCapabilities or Msr.PlatformInfo or Msr.MtrrCapabilities: return false;
        }

        int index = FixedRange(msr);
        known = index >= 0;
        if (!known || !HasMemoryTypes(value, 8, pat: false))
            return false;
        state.MtrrFixed[index] = value;
        return true;
    }

    private static bool TryWriteVariable(ref CpuState state, uint index, ulong value)
    {
        bool mask = (index & 1) != 0;
        ulong allowed = (PhysicalMask & ~0xFFFUL) | (mask ? 1UL << 11 : 0xFF);
        if ((value & ~allowed) != 0 || (!mask && !IsMemoryType((byte)value, pat: false)))
            return false;
        state.MtrrVariable[index] = value;
        return true;
    }

    private static int FixedRange(uint msr) => msr switch
    {
        Msr.MtrrFix64K => 0,
        >= Msr.MtrrFix16KFirst and <= Msr.MtrrFix16KLast => 1 + (int)(msr - Msr.MtrrFix16KFirst),
        >= Msr.MtrrFix4KFirst and <= Msr.MtrrFix4KLast => 3 + (int)(msr - Msr.MtrrFix4KFirst),
        _ => -1,
    };

    private static bool TryStore(ref ulong register, ulong value, ulong allowed)
    {
        if ((value & ~allowed) != 0)
            return false;
        register = value;
        return true;
    }

    private static bool TryStoreAddress(ref ulong register, ulong value)
    {
        if (!Mmu.IsCanonical(value))
            return false;
        register = value;
        return true;
    }

    private static bool HasMemoryTypes(ulong value, int count, bool pat)
    {
        for (int i = 0; i < count; i++)
        {
            if (!IsMemoryType((byte)(value >> (8 * i)), pat))
                return false;
        }

        return true;
    }

    /// <summary>UC, WC, WT, WP, WB; a PAT entry may also be UC- (SDM 3A, table 11-10).</summary>
    private static bool IsMemoryType(byte type, bool pat) => type is 0 or 1 or 4 or 5 or 6 || (pat && type == 7);
}
