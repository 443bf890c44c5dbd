using System.Buffers.Binary;
using Emu.Core.Machine;
using Emu.X86.State;
using Emu.X86.Tests.Float;
using Emu.X86.Tests.HostExecution;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>x87 exceptions with CR0.NE clear: FERR#, IGNNE#, and the processor that stands still (SDM 3A 2.5 and SDM 1, 8.7). FOP after unmasked exceptions (SDM 1, 8.1.9).</summary>
[TestFixture(EngineKind.Interpreter)]
[TestFixture(EngineKind.Translator)]
public sealed class FloatErrorTests(EngineKind engine) : BareMachineTests(machine => Enter(machine, engine))
{
    private const ushort DivideByZero = 0x8084;

    /// <summary>Two control words: nothing masked, everything masked.</summary>
    private const uint Controls = 0x037F_0340;

    private static void Enter(BareMachine machine, EngineKind engine)
    {
        if (engine == EngineKind.Translator && !EngineSupport.CanTranslate)
            Assert.Ignore($"{EngineSupport.WhyNoTranslator}: the interpreter is tested alone.");
        machine.Processor.Engine = engine;
        machine.Processor.TranslateAfter = 1;
        machine.EnterLongMode();
        machine.State.Ftw = 0xFFFF;
        machine.State.Fcw = 0x37B; // division by zero is not masked
        machine.State.Rflags |= Rflags.If;
        machine.SetGpr(GeneralRegister.Rbx, BareMachine.Page);
    }

    private static void DivideOneByZero(Assembler a)
    {
        a.fld1();
        a.fldz();
        a.fdivp(st1, st0);
    }

    [Test]
    public void The_next_waiting_instruction_asserts_FERR_and_the_interrupt_comes_before_it()
    {
        Machine.Load(a =>
        {
            DivideOneByZero(a);
            a.fnstsw(ax); // does not wait
            a.nop();
            a.fld1();
            a.nop();
        });
        Machine.Step(5);
        Assert.That(Machine.Coprocessor.FloatError, Is.False, "nothing has waited yet");
        Machine.RunToHalt();
        Assert.Multiple(() =>
        {
            Assert.That(Machine.Vector, Is.EqualTo(FakeCoprocessor.Vector));
            Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo(BareMachine.Code + 9), "before FLD1");
            Assert.That(Machine.Gpr(GeneralRegister.Rax) & 0xFFFF & ~0x3800UL, Is.EqualTo(DivideByZero));
            Assert.That(Machine.Coprocessor.FloatError, Is.True);
            Assert.That(Machine.Clock.Now, Is.EqualTo(6), "five instructions and the handler's HLT: standing still costs nothing by itself");
        });
    }

    [Test]
    public void The_processor_stands_still_until_an_interrupt_comes()
    {
        Machine.State.Rflags &= ~Rflags.If;
        Machine.Load(a =>
        {
            DivideOneByZero(a);
            a.wait();
            a.mov(eax, 1);
        });
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
        Assert.That(Machine.State.Rip, Is.EqualTo(BareMachine.Code + 6), "before WAIT");
        Assert.That(Machine.Clock.Now, Is.EqualTo(3));
        Machine.Apic.NmiPending = true;
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(2));
        Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo(BareMachine.Code + 6));
    }

    [Test]
    public void With_NE_the_same_program_ends_in_MF()
    {
        Machine.State.Cr0 |= ControlBits.Cr0Ne;
        Machine.Load(a =>
        {
            DivideOneByZero(a);
            a.wait();
        });
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(16));
        Assert.That(Machine.Coprocessor.FloatError, Is.False);
    }

    [Test]
    public void With_IGNNE_instructions_run_on_and_the_exception_stays_pending()
    {
        Machine.Coprocessor.IgnoreNumericError = true;
        Machine.Load(a =>
        {
            DivideOneByZero(a);
            a.wait();
            a.fld1();
            a.fstp(__qword_ptr[rbx]);
            a.movq(mm3, rbx);
            a.hlt();
        });
        Machine.State.Rflags &= ~Rflags.If;
        Machine.RunToHalt();
        Assert.Multiple(() =>
        {
            Assert.That(Machine.Clock.Now, Is.EqualTo(8));
            Assert.That(Machine.Read(BareMachine.Page), Is.EqualTo(BitConverter.DoubleToUInt64Bits(1)));
            Assert.That(Machine.State.Fsw & DivideByZero, Is.EqualTo(DivideByZero));
            Assert.That(Machine.Coprocessor.FloatError, Is.False);
        });
    }

    private static IEnumerable<TestCaseData> Ends()
    {
        yield return Way("FNCLEX", a => a.fnclex());
        yield return Way("FNINIT", a => a.fninit());
        yield return Way("FNSTENV", a => a.fnstenv(__[rbx]));
        yield return Way("FNSAVE", a => a.fnsave(__[rbx]));
        yield return Way("FXRSTOR", a => a.fxrstor(__[rbx + 0x200]));
        yield return Way("CR0.NE", a =>
        {
            a.mov(rax, cr0);
            a.or(eax, 0x20);
            a.mov(cr0, rax);
        });
    }

    private static TestCaseData Way(string name, Action<Assembler> write) => new TestCaseData(write).SetArgDisplayNames(name);

    [TestCaseSource(nameof(Ends))]
    public void FERR_goes_with_what_asserted_it(Action<Assembler> end)
    {
        Machine.Load(a =>
        {
            DivideOneByZero(a);
            a.wait();
        });
        Machine.Load(
            a =>
            {
                end(a);
                a.hlt();
            },
            BareMachine.Handlers + (FakeCoprocessor.Vector * 16));
        Machine.Step(3);
        for (int i = 0; i < 2 && !Machine.Coprocessor.FloatError; i++)
            Machine.Processor.Run(Machine.Clock.Now + 1);
        Assert.That(Machine.Coprocessor.FloatError, Is.True);
        Machine.RunToHalt();
        Assert.That(Machine.State.Rip, Is.GreaterThan(BareMachine.Handlers + (FakeCoprocessor.Vector * 16)));
        Assert.That(Machine.Coprocessor.FloatError, Is.False);
    }

    private static IEnumerable<TestCaseData> Opcodes() => [.. PendingOpcodes(), .. ClearedOpcodes()];

    private static IEnumerable<TestCaseData> PendingOpcodes()
    {
        yield return Opcode("fdivp", 0x6F9, DivideOneByZero);
        yield return Opcode("memory_behind_prefixes", 0x074, a => // 2EH 42H D8H 74H: FDIV m32
        {
            a.fld1();
            a.fdiv(__dword_ptr.cs[rbx + r8 + 8]);
        });
        yield return Opcode("stack_underflow", 0x1C9, a => // FXCH
        {
            a.fldcw(__word_ptr[rbx]); // nothing masked
            a.fxch(st0, st1);
        });
    }

    /// <summary>Here no exception is pending at the end, or none was raised, and what processors save differs by vendor.</summary>
    private static IEnumerable<TestCaseData> ClearedOpcodes()
    {
        yield return Opcode("masked", 0, a =>
        {
            a.fldcw(__word_ptr[rbx + 2]); // all masked
            DivideOneByZero(a);
        });
        yield return Opcode("not_of_later_ones", 0x6F9, a =>
        {
            DivideOneByZero(a);
            a.fnclex();
            a.fld1();
            a.fnstcw(__word_ptr[rbx + 16]);
        });
        yield return Opcode("nor_of_FLDCW", 0, a =>
        {
            a.fldcw(__word_ptr[rbx + 2]);
            DivideOneByZero(a);
            a.fldcw(__word_ptr[rbx]); // now it is pending
        });
    }

    private static TestCaseData Opcode(string name, int expected, Action<Assembler> write) => new TestCaseData(expected, write).SetArgDisplayNames(name);

    [TestCaseSource(nameof(Opcodes))]
    public void FOP_is_the_opcode_of_the_last_instruction_with_an_unmasked_exception(int expected, Action<Assembler> write)
    {
        Machine.Memory.Write(BareMachine.Page, Controls);
        Machine.Load(a =>
        {
            write(a);
            a.fxsave(__[rbx + 0x200]);
            a.hlt();
        });
        Machine.State.Rflags &= ~Rflags.If;
        Machine.RunToHalt();
        Assert.That(Machine.Memory.Read<ushort>(BareMachine.Page + 0x206), Is.EqualTo(expected));
        Assert.That(Machine.State.Fop, Is.EqualTo(expected));
    }

    [TestCaseSource(nameof(PendingOpcodes))]
    public void FOP_is_the_hosts_while_the_exception_is_pending(int expected, Action<Assembler> write)
    {
        HostCode host = SharedHost.Code;
        host.Load(a =>
        {
            write(a);
            a.fxsave(__[rbx + 0x200]);
            a.fnclex();
        });
        host.State.Gpr[(int)GeneralRegister.Rbx] = host.DataAddress;
        host.State.Fx.ControlWord = 0x37B;
        host.Data[..0x400].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(host.Data, Controls);
        host.Run();
        Assert.That(BinaryPrimitives.ReadUInt16LittleEndian(host.Data[0x206..]), Is.EqualTo(expected));
    }
}
