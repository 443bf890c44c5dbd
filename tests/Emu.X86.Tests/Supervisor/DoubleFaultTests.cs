using Emu.Core.Machine;
using Emu.X86.State;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>Faults in the delivery of faults (SDM 3A, table 6-5), and the interrupt stack table.</summary>
public sealed class DoubleFaultTests
{
    private BareMachine _machine = null!;

    [SetUp]
    public void SetUp()
    {
        _machine = new BareMachine();
        _machine.EnterLongMode();
    }

    [TearDown]
    public void TearDown() => _machine.Dispose();

    [TestCase(14, 13, 8, TestName = "A_general_protection_in_a_page_fault_is_a_double_fault")]
    [TestCase(13, 11, 8, TestName = "An_absent_gate_in_a_general_protection_is_a_double_fault")]
    [TestCase(6, 13, 13, TestName = "A_benign_exception_and_a_contributory_one_are_delivered_in_turn")]
    [TestCase(6, 11, 11, TestName = "A_benign_exception_and_an_absent_gate_are_delivered_in_turn")]
    public void Two_exceptions_combine(int first, int second, int delivered)
    {
        _machine.SetGate64(first, BareMachine.Handlers, type: second == 11 ? (byte)0x6E : (byte)0xE1);
        _machine.Load(a =>
        {
            if (first == 14)
                a.mov(rax, __qword_ptr[0x40_0000]);
            else if (first == 13)
                a.rdpmc();
            else
                a.ud2();
        });
        Assert.That(_machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
        Assert.That(_machine.Vector, Is.EqualTo(delivered));
        uint error = delivered == 8 ? 0u : ((uint)first << 3) | 3;
        Assert.That(_machine.Read(_machine.Rsp), Is.EqualTo((ulong)error));
        if (first == 14)
            Assert.That(_machine.State.Cr2, Is.EqualTo(0x40_0000));
    }

    [Test]
    public void An_exception_without_a_stack_becomes_a_page_fault_and_then_a_double_fault()
    {
        _machine.SetGate64(8, BareMachine.Handlers + (8 * 16), ist: 1);
        _machine.SetGpr(GeneralRegister.Rsp, 0x80_0000);
        _machine.Load(a => a.ud2());
        Assert.That(_machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
        Assert.That(_machine.Vector, Is.EqualTo(8), "the page fault of the first delivery faults again on the same stack");
        Assert.That(_machine.Rsp, Is.EqualTo(BareMachine.IstStack - 48));
    }

    [Test]
    public void Two_page_faults_are_a_double_fault_on_the_stack_of_the_table()
    {
        _machine.SetGate64(8, BareMachine.Handlers + (8 * 16), ist: 1);
        _machine.SetGpr(GeneralRegister.Rsp, 0x80_0000);
        _machine.Load(a => a.push(rax));
        Assert.That(_machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
        Assert.That(_machine.Vector, Is.EqualTo(8));
        Assert.That(_machine.Rsp, Is.EqualTo(BareMachine.IstStack - 48));
        Assert.That(_machine.Read(_machine.Rsp + 32), Is.EqualTo(0x80_0000), "the old RSP");
    }

    [Test]
    public void A_fault_in_the_double_fault_is_a_shutdown()
    {
        _machine.State.Idtr.Limit = 0;
        _machine.Load(a => a.ud2());
        Assert.That(_machine.RunToHalt(), Is.EqualTo(RunExit.TripleFault));
        Assert.That(_machine.Processor.Halted, Is.True);
        Assert.That(_machine.RunToHalt(), Is.EqualTo(RunExit.TripleFault), "it stays down");
        Assert.That(_machine.Clock.Now, Is.Zero);
    }

    [Test]
    public void The_stack_table_is_used_without_a_change_of_privilege_and_SS_stays()
    {
        _machine.SetGate64(6, BareMachine.Handlers + (6 * 16), ist: 1);
        _machine.Load(a => a.ud2());
        _machine.RunToHalt();
        Assert.That(_machine.Rsp, Is.EqualTo(BareMachine.IstStack - 40));
        Assert.That(_machine.State.Segments[(int)SegmentIndex.Ss].Selector, Is.EqualTo(BareMachine.KernelData));
    }

    [Test]
    public void A_fault_in_user_mode_switches_to_the_stack_of_ring_0_with_a_null_SS()
    {
        _machine.EnterUser();
        _machine.Load(a => a.hlt());
        _machine.RunToHalt();
        Assert.That(_machine.Vector, Is.EqualTo(13));
        Assert.That(_machine.Rsp, Is.EqualTo(BareMachine.InnerStack - 48));
        Assert.That(_machine.State.Segments[(int)SegmentIndex.Ss].Selector, Is.Zero);
        Assert.That(_machine.State.Cpl, Is.Zero);
        Assert.That(_machine.Read(_machine.Rsp + 16), Is.EqualTo(BareMachine.UserCode));
        Assert.That(_machine.Read(_machine.Rsp + 32), Is.EqualTo(BareMachine.Stack));
        Assert.That(_machine.Read(_machine.Rsp + 40), Is.EqualTo(BareMachine.UserData));
    }
}
