namespace Fuzz.Tests.Programs;

/// <summary>Where everything of a random program's machine lies. Physical below 1 MiB: what the supervisor owns, mapped at <see cref="Supervisor"/>; from 1 MiB on: the program's.</summary>
internal static class ProgramLayout
{
    public const ulong MemorySize = 4 << 20;
    public const ulong PageSize = 4096;

    // ---- physical ----
    public const ulong Gdt = 0x1000;
    public const ulong Idt = 0x2000;
    public const ulong Tss = 0x3000;
    public const ulong Pml4 = 0x4000;
    public const ulong LowPdpt = 0x5000;
    public const ulong LowPd = 0x6000;

    /// <summary>The page table of the program's 2 MiB; also mapped at <see cref="TableWindow"/>, so that the program may change it.</summary>
    public const ulong ProgramPt = 0x7000;
    public const ulong HighPdpt = 0x8000;
    public const ulong HighPd = 0x9000;
    public const ulong ApicPd = 0xA000;
    public const ulong Handlers = 0x1_0000;
    public const ulong InnerStack = 0x1_8000;
    public const ulong FaultStack = 0x1_A000;
    public const ulong NmiStack = 0x1_C000;
    public const ulong DoubleFaultStack = 0x1_E000;

    /// <summary>Counters, log and tables of the handlers: see <see cref="SupervisorTables"/>.</summary>
    public const ulong Tables = 0x2_0000;
    public const ulong FirstFrame = 0x10_0000;

    // ---- linear ----
    public const ulong Supervisor = 0xFFFF_8000_0000_0000;
    public const ulong ApicLinear = Supervisor + 0xFEE0_0000;
    public const ulong Program = 0x40_0000;
    public const ulong CodeArea = Program;
    public const int CodePages = 8;
    public const ulong Data = Program + 0x1_0000;
    public const int DataPages = 32;
    public const ulong Stacks = Program + 0x4_0000;
    public const int StackPages = 8;
    public const ulong TableWindow = Program + 0x8_0000;

    /// <summary>A 2 MiB page.</summary>
    public const ulong Large = Program + 0x20_0000;

    // ---- selectors ----
    public const ushort KernelCode = 0x08;
    public const ushort KernelData = 0x10;
    public const ushort UserCode32 = 0x18 | 3;
    public const ushort UserData = 0x20 | 3;
    public const ushort UserCode = 0x28 | 3;
    public const ushort TaskSelector = 0x30;

    public const int TimerVector = 0x40;
}
