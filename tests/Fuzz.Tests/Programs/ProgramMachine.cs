using Emu.Core.Machine;
using Emu.Core.Memory;
using Emu.Core.Snapshots;
using Emu.X86.State;
using Otherworld.Guest.Boot;
using static Fuzz.Tests.Programs.ProgramLayout;

namespace Fuzz.Tests.Programs;

/// <summary>A small PC that runs random programs, one after the other: equal seeds give equal machines.</summary>
internal sealed class ProgramMachine : IDisposable
{
    private const ulong Present = 1, Writable = 2, User = 4, LargePage = 0x80, NoExecute = 1UL << 63;

    private readonly MemorySnapshot _blank;

    public ProgramMachine()
    {
        Guest = GuestMachine.Create(new MachineSettings { MemorySize = MemorySize, Rng = false, Console = false, WatchdogTime = 0 }, new MachineOutputs());
        _blank = MemorySnapshot.Take(Guest.Machine);
    }

    public GuestMachine Guest { get; }

    /// <summary>Powers on with the program of a seed.</summary>
    public void Load(ulong seed)
    {
        _blank.Restore(Guest.Machine);
        Dice dice = new(seed);
        ProgramText text = new(dice, CodeArea + (ulong)dice.Below(0x800));
        GuestMemory memory = Guest.Machine.Memory;
        memory.Write(FirstFrame + (text.Origin - Program), text.Bytes);
        memory.Write(Handlers, new SupervisorCode().Bytes);
        memory.Write(Tables, new SupervisorTables(dice, text.Starts).Bytes);
        byte[] data = new byte[DataPages * (int)PageSize];
        dice.Fill(data);
        memory.Write(FirstFrame + (Data - Program), data);
        WriteDescriptors();
        WritePageTables(dice);
        StartTimer();
        Enter(text.Starts[0], smap: dice.Chance(12));
    }

    public void Dispose() => Guest.Dispose();

    private void WriteDescriptors()
    {
        GuestMemory memory = Guest.Machine.Memory;
        (ushort Selector, ulong Attributes)[] segments = [(KernelCode, 0xA09B), (KernelData, 0xC093), (UserCode32, 0xC0FB), (UserData, 0xC0F3), (UserCode, 0xA0FB)];
        foreach ((ushort selector, ulong attributes) in segments)
            memory.Write(Gdt + (selector & ~7UL), 0x000F_0000_0000_FFFF | (attributes << 40));
        for (int vector = 0; vector < 256; vector++)
        {
            ulong handler = SupervisorCode.HandlerOf(vector);
            ulong stack = vector switch { 2 => 2, 8 => 3, TimerVector => 0, 0 or 3 or >= 32 => 0, _ => 1 }; // some push on the program's own stack
            ulong type = vector is 3 or 4 or >= 32 ? 0xEEUL : 0x8E;
            ulong entry = Idt + ((ulong)vector * 16);
            memory.Write(entry, (handler & 0xFFFF) | ((ulong)KernelCode << 16) | (stack << 32) | (type << 40) | ((handler & 0xFFFF_0000) << 32));
            memory.Write(entry + 8, handler >> 32);
        }

        memory.Write(Tss + 4, Supervisor + InnerStack);
        memory.Write(Tss + 0x24, Supervisor + FaultStack);
        memory.Write(Tss + 0x2C, Supervisor + NmiStack);
        memory.Write(Tss + 0x34, Supervisor + DoubleFaultStack);
    }

    private void WritePageTables(Dice dice)
    {
        GuestMemory memory = Guest.Machine.Memory;
        memory.Write(Pml4, LowPdpt | Present | Writable | User);
        memory.Write(LowPdpt, LowPd | Present | Writable | User);
        memory.Write(LowPd + 16, ProgramPt | Present | Writable | User);
        memory.Write(LowPd + 24, (Large - Program) | Present | Writable | User | LargePage);
        memory.Write(Pml4 + (256 * 8), HighPdpt | Present | Writable);
        memory.Write(HighPdpt, HighPd | Present | Writable);
        memory.Write(HighPd, Present | Writable | LargePage);
        memory.Write(HighPdpt + (3 * 8), ApicPd | Present | Writable);
        memory.Write(ApicPd + (0x1F7 * 8), 0xFEE0_0000 | Present | Writable | LargePage);
        for (int page = 0; page < CodePages; page++)
            Map(CodeArea, page, FrameOf(CodeArea, page) | Present | User | (dice.Chance(85) ? Writable : 0));
        for (int page = 0; page < DataPages; page++)
            Map(Data, page, DataEntry(dice, page));
        for (int page = 0; page < StackPages; page++)
            Map(Stacks, page, FrameOf(Stacks, page) | Writable | User | (page % 3 == 2 ? 0 : Present));
        Map(TableWindow, 0, ProgramPt | Present | Writable | User | NoExecute);
    }

    /// <summary>Mostly plain; some read-only, absent, the supervisor's, not executable, or another name for a frame of code or data.</summary>
    private static ulong DataEntry(Dice dice, int page)
    {
        ulong frame = FrameOf(Data, page);
        return dice.Below(100) switch
        {
            < 55 => frame | Present | Writable | User,
            < 63 => frame | Present | User,
            < 69 => frame | Writable | User,
            < 75 => frame | Present | Writable,
            < 82 => frame | Present | Writable | User | NoExecute,
            < 91 => FrameOf(CodeArea, dice.Below(CodePages)) | Present | Writable | User,
            _ => FrameOf(Data, dice.Below(DataPages)) | Present | Writable | User,
        };
    }

    private void Map(ulong area, int page, ulong entry) => Guest.Machine.Memory.Write(ProgramPt + ((((area - Program) / PageSize) + (ulong)page) * 8), entry);

    private static ulong FrameOf(ulong area, int page) => FirstFrame + (area - Program) + ((ulong)page * PageSize);

    /// <summary>Software-enables the local APIC and starts its timer, one shot by vector <see cref="TimerVector"/>.</summary>
    private void StartTimer()
    {
        foreach ((ulong register, ulong value) in new (ulong, ulong)[] { (0xF0, 0x1FF), (0x3E0, 0xB), (0x320, TimerVector), (0x380, 500) })
            Guest.Machine.Parts.Bus.WriteMmio(0xFEE0_0000 + register, 4, value);
    }

    private void Enter(ulong rip, bool smap)
    {
        ProcessorEntry.Apply(Guest.Processor, new EntryState
        {
            Mode = EntryMode.Long64,
            Rip = rip,
            Rsp = Stacks + 0x800,
            Cr0 = ControlBits.Cr0Pe | ControlBits.Cr0Mp | ControlBits.Cr0Et | ControlBits.Cr0Ne | ControlBits.Cr0Wp | ControlBits.Cr0Am | ControlBits.Cr0Pg,
            Cr3 = Pml4,
            Cr4 = ControlBits.Cr4Pae | ControlBits.Cr4Pge | ControlBits.Cr4Osfxsr | ControlBits.Cr4Osxmmexcpt | ControlBits.Cr4Fsgsbase | ControlBits.Cr4Osxsave | (smap ? ControlBits.Cr4Smap : 0),
            Efer = ControlBits.EferLme | ControlBits.EferLma | ControlBits.EferSce | ControlBits.EferNxe,
            GdtBase = Supervisor + Gdt,
            GdtLimit = 0x3F,
        });
        ref CpuState state = ref Guest.Processor.State;
        state.Idtr = new DescriptorTable { Base = Supervisor + Idt, Limit = 0xFFF };
        state.Segments[(int)SegmentIndex.Cs].Selector = KernelCode;
        state.Segments[(int)SegmentIndex.Ss].Selector = KernelData;
        state.Segments[(int)SegmentIndex.Tr].Base = Supervisor + Tss;
        state.Segments[(int)SegmentIndex.Tr].Selector = TaskSelector;
        state.Star = ((ulong)KernelCode << 32) | ((ulong)(UserCode32 & ~3) << 48);
        state.Lstar = state.Cstar = rip;
        state.Sfmask = 0x500;
        Guest.Processor.Restored();
    }
}
