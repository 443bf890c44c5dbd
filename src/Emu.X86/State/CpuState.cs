using System.Runtime.CompilerServices;

namespace Emu.X86.State;

/// <summary>
/// All architectural state of the processor in one blittable struct without padding: the struct is the snapshot. Complete whenever
/// <see cref="X86Processor"/> is not inside <c>Run</c>; while it runs, RIP, the status flags and the instruction count live in <see cref="Cpu"/>.
/// </summary>
public unsafe struct CpuState
{
    /// <summary>RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8-R15.</summary>
    public fixed ulong Gpr[16];
    public ulong Rip;
    public ulong Rflags;

    /// <summary>ES, CS, SS, DS, FS, GS, LDTR, TR: indexed by <see cref="SegmentIndex"/>.</summary>
    public SegmentFile Segments;
    public DescriptorTable Gdtr;
    public DescriptorTable Idtr;

    public ulong Cr0;
    public ulong Cr2;
    public ulong Cr3;
    public ulong Cr4;
    public ulong Xcr0;
    public ulong Efer;

    /// <summary>DR0-DR3.</summary>
    public fixed ulong Dr[4];
    public ulong Dr6;
    public ulong Dr7;

    public ulong Star;
    public ulong Lstar;
    public ulong Cstar;
    public ulong Sfmask;
    public ulong KernelGsBase;
    public ulong TscAux;
    public ulong TscAdjust;
    public ulong SysenterCs;
    public ulong SysenterEsp;
    public ulong SysenterEip;
    public ulong Pat;
    public ulong MiscEnable;
    public ulong MtrrDefType;
    public fixed ulong MtrrFixed[11];
    public fixed ulong MtrrVariable[16];

    /// <summary>Further MSRs that are only stored; the system semantics name them.</summary>
    public fixed ulong MsrSpare[8];

    /// <summary>x87 data registers by physical number, 16 bytes each: significand (8), sign and exponent (2), zero (6). MMX aliases the significand.</summary>
    public fixed ulong X87[16];
    public ushort Fcw;

    /// <summary>Status word; TOP is in bits 11-13.</summary>
    public ushort Fsw;

    /// <summary>Full tag word, two bits per physical register (11 = empty).</summary>
    public ushort Ftw;
    public ushort Fop;
    public uint Mxcsr;

    /// <summary>Debug exceptions to deliver at the next boundary, as DR6 bits.</summary>
    public uint PendingDebug;
    public ulong Fip;
    public ulong Fdp;

    /// <summary>XMM0-XMM15, 16 bytes each.</summary>
    public fixed ulong Xmm[32];

    /// <summary>Retired instructions: a faulting one counts 0, a REP iteration 1.</summary>
    public ulong InstructionCount;

    /// <summary>State of the generator behind RDRAND and RDSEED.</summary>
    public ulong RandomState;

    /// <summary>Tick at which the processor last left user mode or HLT; the watchdog device reads it.</summary>
    public ulong LastUserOrIdleTick;

    /// <summary>Tick of the last exception, and how many were delivered at that tick: that many with no retired instruction between them.</summary>
    public ulong ExceptionTick;
    public uint ExceptionsAtTick;

    /// <summary>1 while interrupts are inhibited for one instruction (STI, MOV SS, POP SS). SDM 3A 6.8.3. Bit 1: by MOV/POP SS, which also holds back debug traps and NMI.</summary>
    public byte InterruptShadow;

    /// <summary>1 from the delivery of an NMI until IRET.</summary>
    public byte NmiBlocked;

    /// <summary>1 in HLT, 2 after a triple fault, 3 in a fault loop (see <c>ExceptionUnit.LongestFaultChain</c>).</summary>
    public byte Halted;

    /// <summary>Current privilege level.</summary>
    public byte Cpl;

    /// <summary>Indexed by <see cref="SegmentIndex"/>.</summary>
    [InlineArray(8)]
    public struct SegmentFile
    {
        private SegmentRegister _element;
    }
}
