using Emu.Core.Bus;
using Emu.Core.Machine;
using Emu.Core.Memory;
using Emu.Core.Time;
using Emu.X86.State;

namespace Emu.X86.Tests.Rows;

/// <summary>A processor in 64-bit mode at CPL 0 over identity-mapped RAM (2 MiB pages), with no devices and no usable IDT: any exception ends in a triple fault.</summary>
internal sealed unsafe class FlatMachine : IDisposable
{
    private const ulong TableBase = 0x10_0000;

    internal FlatMachine(ulong memorySize)
    {
        Memory = new GuestMemory(memorySize);
        Clock = new MachineClock();
        Processor = new X86Processor(Memory, new EmptyBus(), new EmptyApic(), Clock);
        BuildTables(memorySize);
        EnterLongMode();
    }

    /// <summary>Power-on state, then straight to 64-bit mode.</summary>
    internal void EnterLongMode()
    {
        Processor.Reset();
        ref CpuState state = ref Processor.Cpu->State;
        state.Cr0 = ControlBits.Cr0Pe | ControlBits.Cr0Mp | ControlBits.Cr0Et | ControlBits.Cr0Ne | ControlBits.Cr0Wp | ControlBits.Cr0Pg;
        state.Cr3 = TableBase;
        state.Cr4 = ControlBits.Cr4Pae | ControlBits.Cr4Osfxsr | ControlBits.Cr4Osxmmexcpt | ControlBits.Cr4Fsgsbase;
        state.Efer = ControlBits.EferLme | ControlBits.EferLma | ControlBits.EferSce | ControlBits.EferNxe;
        state.Idtr = default;
        for (int i = 0; i < 6; i++)
        {
            state.Segments[i].Base = 0;
            state.Segments[i].Limit = uint.MaxValue;
            state.Segments[i].Selector = i == (int)SegmentIndex.Cs ? (ushort)8 : (ushort)16;
            state.Segments[i].Attributes = SegmentAttributes.Present | SegmentAttributes.CodeOrData | SegmentAttributes.Granularity | SegmentAttributes.Accessed
                | SegmentAttributes.WritableOrReadable
                | (i == (int)SegmentIndex.Cs ? SegmentAttributes.Code | SegmentAttributes.Long : SegmentAttributes.Big);
        }

        Processor.Restored();
    }

    internal GuestMemory Memory { get; }

    internal MachineClock Clock { get; }

    internal X86Processor Processor { get; }

    internal ref CpuState State => ref Processor.Cpu->State;

    /// <summary>Runs until RIP leaves [from, to), a fault ends the machine, or the limit of ticks is reached.</summary>
    internal RunExit RunWithin(ulong from, ulong to, int limit)
    {
        RunExit exit = RunExit.Deadline;
        for (int i = 0; i < limit && State.Rip >= from && State.Rip < to; i++)
        {
            exit = Processor.Run(Clock.Now + 1);
            if (exit == RunExit.TripleFault)
                return exit;
        }

        return exit;
    }

    public void Dispose()
    {
        Processor.Dispose();
        Memory.Dispose();
    }

    private void BuildTables(ulong memorySize)
    {
        const ulong Flags = 7; // present, writable, user
        Memory.Write(TableBase, (TableBase + 0x1000) | Flags);
        Memory.Write(TableBase + 0x1000, (TableBase + 0x2000) | Flags);
        for (ulong page = 0; page < memorySize >> 21; page++)
            Memory.Write(TableBase + 0x2000 + (page * 8), (page << 21) | Flags | 0x80);
    }

    private sealed class EmptyBus : IBus
    {
        public uint ReadPort(ushort port, int size) => uint.MaxValue;

        public void WritePort(ushort port, int size, uint value)
        {
        }

        public ulong ReadMmio(ulong physical, int size) => ulong.MaxValue;

        public void WriteMmio(ulong physical, int size, ulong value)
        {
        }
    }

    private sealed class EmptyApic : ILocalApic
    {
        public ulong ApicBase => 0xFEE0_0900;

        public ulong MmioBase => 0xFEE0_0000;

        public byte TaskPriority { get; set; }

        public bool Pending => false;

        public bool NmiPending => false;

        public byte Acknowledge() => 0xFF;

        public bool TakeNmi() => false;

        public bool TryReadMsr(uint msr, out ulong value)
        {
            value = 0;
            return false;
        }

        public bool TryWriteMsr(uint msr, ulong value) => false;
    }
}
