using Emu.Core.Bus;
using Emu.Core.Machine;
using Emu.X86;
using Emu.X86.State;
using Iced.Intel;
using Otherworld.Guest.Boot;
using static Iced.Intel.AssemblerRegisters;

namespace Otherworld.Guest.Tests.Boot;

/// <summary>A real-mode program handles an x87 exception as programs did under DOS: through FERR#, IRQ 13 of the second 8259, and port F0H (SDM 1, 8.7).</summary>
[TestFixture(EngineKind.Interpreter)]
[TestFixture(EngineKind.Translator)]
public sealed class FloatErrorBoardTests(EngineKind engine)
{
    private const ushort Program = 0x7C00, Handler = 0x8000, Data = 0x9000, Stack = 0x7000;
    private const byte FirstVector = 0x08, SecondVector = 0x70, Irq13 = SecondVector + 5;
    private const ulong SpuriousRegister = 0xFEE0_00F0, Lint0Register = 0xFEE0_0350;
    private readonly EngineKind _engine = engine;

    [Test]
    public void The_handler_of_IRQ_13_repairs_and_the_program_goes_on()
    {
        if (_engine == EngineKind.Translator && !EngineSupport.CanTranslate)
            Assert.Ignore($"{EngineSupport.WhyNoTranslator}: the interpreter is tested alone.");
        using GuestMachine guest = GuestMachine.Create(new MachineSettings { MemorySize = 16 << 20, Engine = _engine }, new MachineOutputs());
        PcMachine machine = guest.Machine;
        EnterRealMode(guest);
        ConnectPic(machine.Parts.Bus);
        Load(machine, Handler, HandleError);
        Load(machine, Program, Divide);
        machine.Memory.Write(4 * Irq13, (uint)Handler);

        RunResult end = machine.Run(100_000);
        Assert.Multiple(() =>
        {
            Assert.That(end.Reason, Is.EqualTo(StopReason.Halted), $"{end}");
            Assert.That(machine.Memory.Read<ushort>(Data), Is.EqualTo(1), "one interrupt");
            Assert.That(machine.Memory.Read<ushort>(Data + 2) & 0x84, Is.EqualTo(0x84), "division by zero was still pending in the handler");
            Assert.That(machine.Memory.Read<float>(Data + 4), Is.EqualTo(1f), "an instruction that waits ran there, ahead of FNCLEX");
            Assert.That(machine.Memory.Read<float>(Data + 8), Is.EqualTo(3.1415927f), "and the one that had waited ran afterwards");
            Assert.That(machine.Interrupts.Level(13), Is.False);
            Assert.That(machine.Parts.Coprocessor.IgnoreNumericError, Is.False);
        });
    }

    private static void Divide(Assembler a)
    {
        a.fninit();
        a.mov(__word_ptr[Data + 16], 0x37B);
        a.fldcw(__word_ptr[Data + 16]);
        a.fld1();
        a.fldz();
        a.fdivp(st1, st0);
        a.sti();
        a.fldpi(); // waits: FERR#
        a.fstp(__dword_ptr[Data + 8]);
        a.cli();
        a.hlt();
    }

    private static void HandleError(Assembler a)
    {
        a.push(ax);
        a.inc(__word_ptr[Data]);
        a.@out(0xF0, al);
        a.mov(al, 0x20);
        a.@out(0xA0, al);
        a.@out(0x20, al);
        a.fnstsw(__word_ptr[Data + 2]);
        a.fld1();
        a.fstp(__dword_ptr[Data + 4]);
        a.fnclex();
        a.pop(ax);
        a.iret();
    }

    private static unsafe void EnterRealMode(GuestMachine guest)
    {
        ref CpuState state = ref guest.Processor.Cpu->State;
        for (int i = 0; i < 6; i++)
            (state.Segments[i].Selector, state.Segments[i].Base) = (0, 0);
        state.Idtr = new DescriptorTable { Limit = 0x3FF };
        state.Cr0 = ControlBits.Cr0Et;
        state.Rip = Program;
        state.Gpr[(int)GeneralRegister.Rsp] = Stack;
        guest.Processor.Restored();
    }

    /// <summary>What the firmware does: both 8259 with the vectors of DOS, only IRQ 13 open, their INTR through the local APIC.</summary>
    private static void ConnectPic(IBus bus)
    {
        (ushort Port, byte Value)[] commands =
        [
            (0x20, 0x11), (0x21, FirstVector), (0x21, 4), (0x21, 1), (0x21, 0xFB),
            (0xA0, 0x11), (0xA1, SecondVector), (0xA1, 2), (0xA1, 1), (0xA1, 0xDF),
        ];
        foreach ((ushort port, byte value) in commands)
            bus.WritePort(port, 1, value);
        bus.WriteMmio(SpuriousRegister, 4, 0x1FF);
        bus.WriteMmio(Lint0Register, 4, 0x700);
    }

    private static void Load(PcMachine machine, ushort at, Action<Assembler> write)
    {
        Assembler assembler = new(16);
        write(assembler);
        using MemoryStream code = new();
        assembler.Assemble(new StreamCodeWriter(code), at);
        machine.Memory.Write(at, code.ToArray());
    }
}
