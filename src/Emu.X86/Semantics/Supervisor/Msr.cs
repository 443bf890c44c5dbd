namespace Emu.X86.Semantics.Supervisor;

/// <summary>Numbers of the model-specific registers that exist here (SDM 4, table 2-2).</summary>
internal static class Msr
{
    internal const uint TimeStampCounter = 0x10;
    internal const uint PlatformId = 0x17;
    internal const uint ApicBase = 0x1B;
    internal const uint TscAdjust = 0x3B;
    internal const uint BiosSignature = 0x8B;
    internal const uint PlatformInfo = 0xCE;
    internal const uint MtrrCapabilities = 0xFE;
    internal const uint ArchCapabilities = 0x10A;
    internal const uint SysenterCs = 0x174;
    internal const uint SysenterEsp = 0x175;
    internal const uint SysenterEip = 0x176;
    internal const uint McgCapabilities = 0x179;
    internal const uint McgStatus = 0x17A;
    internal const uint MiscEnable = 0x1A0;
    internal const uint DebugControl = 0x1D9;
    internal const uint MtrrVariableFirst = 0x200;
    internal const uint MtrrVariableLast = 0x20F;
    internal const uint MtrrFix64K = 0x250;
    internal const uint MtrrFix16KFirst = 0x258;
    internal const uint MtrrFix16KLast = 0x259;
    internal const uint MtrrFix4KFirst = 0x268;
    internal const uint MtrrFix4KLast = 0x26F;
    internal const uint Pat = 0x277;
    internal const uint MtrrDefaultType = 0x2FF;
    internal const uint TscDeadline = 0x6E0;
    internal const uint X2ApicFirst = 0x800;
    internal const uint X2ApicLast = 0x8FF;
    internal const uint Efer = 0xC000_0080;
    internal const uint Star = 0xC000_0081;
    internal const uint Lstar = 0xC000_0082;
    internal const uint Cstar = 0xC000_0083;
    internal const uint Sfmask = 0xC000_0084;
    internal const uint FsBase = 0xC000_0100;
    internal const uint GsBase = 0xC000_0101;
    internal const uint KernelGsBase = 0xC000_0102;
    internal const uint TscAux = 0xC000_0103;

    /// <summary>Index of IA32_BIOS_SIGN_ID in the spare MSRs of the state.</summary>
    internal const int SpareBiosSignature = 0;

    /// <summary>Index of IA32_MCG_STATUS in the spare MSRs of the state.</summary>
    internal const int SpareMcgStatus = 1;
}
