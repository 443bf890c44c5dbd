using Emu.Core.Machine;
using Emu.Core.Memory;
using Emu.Core.Time;
using Emu.X86.State;
using Iced.Intel;

namespace Emu.X86.Tests.Supervisor;

/// <summary>
/// A processor with 16 MiB and nothing else. <see cref="EnterLongMode"/> and <see cref="EnterProtectedMode"/> lay out tables so that every vector leads to a
/// HLT of its own: a test runs until then and looks at the stack.
/// </summary>
public sealed unsafe class BareMachine : IDisposable
{
    public const ulong Gdt = 0x1000;
    public const ulong Idt = 0x2000;
    public const ulong Tss = 0x3000;
    public const ulong Pml4 = 0x4000;
    public const ulong Pdpt = 0x5000;
    public const ulong Pd = 0x6000;

    /// <summary>Page table of the linear addresses 2 to 4 MiB, which map to themselves.</summary>
    public const ulong Pt = 0x7000;
    public const ulong Handlers = 0x1_0000;
    public const ulong Code = 0x2_0000;
    public const ulong Stack = 0x3_0000;
    public const ulong InnerStack = 0x3_8000;
    public const ulong IstStack = 0x3_C000;

    /// <summary>A page of the table at <see cref="Pt"/>.</summary>
    public const ulong Page = 0x20_0000;

    public const ushort KernelCode = 0x08;
    public const ushort KernelData = 0x10;
    public const ushort UserCode32 = 0x18 | 3;
    public const ushort UserData = 0x20 | 3;
    public const ushort UserCode = 0x28 | 3;
    public const ushort TaskSelector = 0x30;
    public const ushort KernelCode32 = 0x40;

    public BareMachine()
    {
        Memory = new GuestMemory(16 << 20);
        Clock = new MachineClock();
        Bus = new FakeBus(Clock);
        Apic = new FakeApic();
        Coprocessor = new FakeCoprocessor(Apic);
        Processor = new X86Processor(Memory, Bus, Apic, Clock, coprocessor: Coprocessor);
    }

    public GuestMemory Memory { get; }

    public MachineClock Clock { get; }

    public FakeBus Bus { get; }

    public FakeApic Apic { get; }

    public FakeCoprocessor Coprocessor { get; }

    public X86Processor Processor { get; }

    public ref CpuState State => ref Processor.Cpu->State;

    public ulong Rsp => State.Gpr[(int)GeneralRegister.Rsp];

    /// <summary>The vector whose handler ran into its HLT.</summary>
    public int Vector => (int)((State.Rip - 1 - HandlerBase) / 16);

    /// <summary>Where the handlers lie, when a test moved them.</summary>
    public ulong HandlerBase { get; set; } = Handlers;

    public ulong Gpr(GeneralRegister register) => State.Gpr[(int)register];

    public void SetGpr(GeneralRegister register, ulong value) => State.Gpr[(int)register] = value;

    public ulong Read(ulong physical) => Memory.Read<ulong>(physical);

    /// <summary>Assembles at <see cref="Code"/>, or elsewhere.</summary>
    public void Load(Action<Assembler> write, ulong at = Code, int bitness = 64)
    {
        var assembler = new Assembler(bitness);
        write(assembler);
        using var stream = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(stream), at);
        Memory.Write(at, stream.ToArray());
    }

    /// <summary>Runs until HLT with nothing to wake it.</summary>
    public RunExit RunToHalt(ulong limit = 100_000)
    {
        ulong end = Clock.Now + limit;
        RunExit exit;
        do
            exit = Processor.Run(end);
        while (exit is RunExit.Bus || (exit == RunExit.Deadline && Clock.Now < end));
        return exit;
    }

    /// <summary>Runs exactly so many instructions.</summary>
    public void Step(ulong instructions = 1)
    {
        ulong end = Clock.Now + instructions;
        while (Clock.Now < end && Processor.Run(end) is RunExit.Bus or RunExit.Deadline && Clock.Now < end)
        {
        }
    }

    /// <summary>64-bit mode in ring 0 at <see cref="Code"/>: identity map of 4 MiB for everyone, gates for all vectors with DPL 3.</summary>
    public void EnterLongMode()
    {
        State.Cpl = 0;
        HandlerBase = Handlers;
        State.Halted = 0;
        WriteGdt();
        for (ulong vector = 0; vector < 256; vector++)
        {
            SetGate64((int)vector, Handlers + (vector * 16));
            Memory.Write(Handlers + (vector * 16), (byte)0xF4);
        }

        Memory.Write(Tss + 4, InnerStack);
        Memory.Write(Tss + 0x24, IstStack);
        Memory.Write(Tss + 102, (ushort)104);
        Memory.Write(Pml4, Pdpt | 7);
        Memory.Write(Pdpt, Pd | 7);
        Memory.Write(Pd, 0x87UL);
        Memory.Write(Pd + 8, Pt | 7);
        for (ulong i = 0; i < 512; i++)
            Memory.Write(Pt + (8 * i), (Page + (i << 12)) | 7);
        State.Cr0 = ControlBits.Cr0Pe | ControlBits.Cr0Pg | ControlBits.Cr0Et | ControlBits.Cr0Wp;
        State.Cr3 = Pml4;
        State.Cr4 = ControlBits.Cr4Pae | ControlBits.Cr4Osfxsr;
        State.Efer = ControlBits.EferLme | ControlBits.EferLma | ControlBits.EferSce | ControlBits.EferNxe;
        Enter(0xA09B);
        State.Segments[(int)SegmentIndex.Tr] = new SegmentRegister { Base = Tss, Limit = 104 + 8192, Selector = TaskSelector, Attributes = (SegmentAttributes)0x8B };
        Processor.DropCaches();
    }

    /// <summary>Flat 32-bit protected mode in ring 0 without paging, gates for all vectors with DPL 3.</summary>
    public void EnterProtectedMode()
    {
        WriteGdt();
        Memory.Write(Gdt + 0x08, Flat(0xC09B));
        for (ulong vector = 0; vector < 256; vector++)
        {
            SetGate32((int)vector, KernelCode, (uint)(Handlers + (vector * 16)), 0xEE);
            Memory.Write(Handlers + (vector * 16), (byte)0xF4);
        }

        Memory.Write(Tss + 4, (uint)InnerStack);
        Memory.Write(Tss + 8, (uint)KernelData);
        Memory.Write(Tss + 102, (ushort)104);
        State.Cr0 = ControlBits.Cr0Pe | ControlBits.Cr0Et;
        Enter(0xC09B);
        State.Segments[(int)SegmentIndex.Tr] = new SegmentRegister { Base = Tss, Limit = 104 + 8192, Selector = TaskSelector, Attributes = (SegmentAttributes)0x8B };
        Processor.DropCaches();
    }

    /// <summary>Goes to ring 3 at an address of 64-bit (or 32-bit) code.</summary>
    public void EnterUser(ulong rip = Code, ulong rsp = Stack, bool compatibility = false)
    {
        State.Segments[(int)SegmentIndex.Cs] = new SegmentRegister
        {
            Limit = uint.MaxValue,
            Selector = compatibility ? UserCode32 : UserCode,
            Attributes = (SegmentAttributes)(compatibility ? 0xC0FB : 0xA0FB),
        };
        for (int i = 0; i < 6; i++)
        {
            if (i != (int)SegmentIndex.Cs)
                State.Segments[i] = new SegmentRegister { Limit = uint.MaxValue, Selector = UserData, Attributes = (SegmentAttributes)0xC0F3 };
        }

        State.Cpl = 3;
        State.Rip = rip;
        SetGpr(GeneralRegister.Rsp, rsp);
        Processor.DropCaches();
    }

    public void SetGate64(int vector, ulong handler, ushort selector = KernelCode, byte type = 0xEE, int ist = 0)
    {
        ulong low = (handler & 0xFFFF) | ((ulong)selector << 16) | ((ulong)ist << 32) | ((ulong)type << 40) | ((handler & 0xFFFF_0000) << 32);
        Memory.Write(Idt + ((ulong)vector * 16), low);
        Memory.Write(Idt + ((ulong)vector * 16) + 8, handler >> 32);
    }

    public void SetGate32(int vector, ushort selector, uint handler, byte type)
        => Memory.Write(Idt + ((ulong)vector * 8), (handler & 0xFFFF) | ((ulong)selector << 16) | ((ulong)type << 40) | (((ulong)handler & 0xFFFF_0000) << 32));

    /// <summary>A flat descriptor with the given bits 40-55.</summary>
    public static ulong Flat(ushort attributes) => 0x000F_0000_0000_FFFF | ((ulong)attributes << 40);

    public void Dispose()
    {
        Processor.Dispose();
        Memory.Dispose();
    }

    private void WriteGdt()
    {
        Memory.Write(Gdt + 0x08, Flat(0xA09B));
        Memory.Write(Gdt + 0x10, Flat(0xC093));
        Memory.Write(Gdt + 0x18, Flat(0xC0FB));
        Memory.Write(Gdt + 0x20, Flat(0xC0F3));
        Memory.Write(Gdt + 0x28, Flat(0xA0FB));
        Memory.Write(Gdt + 0x30, (104UL + 8192) | (Tss << 16) | (0x89UL << 40));
        Memory.Write(Gdt + 0x40, Flat(0xC09B));
        State.Gdtr = new DescriptorTable { Base = Gdt, Limit = 0xFFF };
        State.Idtr = new DescriptorTable { Base = Idt, Limit = 0xFFF };
    }

    private void Enter(ushort code)
    {
        State.Segments[(int)SegmentIndex.Cs] = new SegmentRegister { Limit = uint.MaxValue, Selector = KernelCode, Attributes = (SegmentAttributes)code };
        for (int i = 0; i < 6; i++)
        {
            if (i != (int)SegmentIndex.Cs)
                State.Segments[i] = new SegmentRegister { Limit = uint.MaxValue, Selector = KernelData, Attributes = (SegmentAttributes)0xC093 };
        }

        State.Rip = Code;
        SetGpr(GeneralRegister.Rsp, Stack);
    }
}
