using Emu.Core.Machine;
using Emu.X86.State;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>Faults in the delivery of faults (SDM 3A, table 6-5), and the interrupt stack table.</summary>
public sealed class DoubleFaultTests() : BareMachineTests(machine => machine.EnterLongMode())
{
    [TestCase(14, 13, 8, TestName = "A_general_protection_in_a_page_fault_is_a_double_fault")]
    [TestCase(13, 11, 8, TestName = "An_absent_gate_in_a_general_protection_is_a_double_fault")]
    [TestCase(6, 13, 13, TestName = "A_benign_exception_and_a_contributory_one_are_delivered_in_turn")]
    [TestCase(6, 11, 11, TestName = "A_benign_exception_and_an_absent_gate_are_delivered_in_turn")]
    public void Two_exceptions_combine(int first, int second, int delivered)
    {
        Machine.SetGate64(first, BareMachine.Handlers, type: second == 11 ? (byte)0x6E : (byte)0xE1);
        Machine.Load(a =>
        {
            if (first == 14)
                a.mov(rax, __qword_ptr[0x40_0000]);
            else if (first == 13)
                a.rdpmc();
            else
                a.ud2();
        });
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
        Assert.That(Machine.Vector, Is.EqualTo(delivered));
        uint error = delivered == 8 ? 0u : ((uint)first << 3) | 3;
        Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo((ulong)error));
        if (first == 14)
            Assert.That(Machine.State.Cr2, Is.EqualTo(0x40_0000));
    }

    [Test]
    public void An_exception_without_a_stack_becomes_a_page_fault_and_then_a_double_fault()
    {
        Machine.SetGate64(8, BareMachine.Handlers + (8 * 16), ist: 1);
        Machine.SetGpr(GeneralRegister.Rsp, 0x80_0000);
        Machine.Load(a => a.ud2());
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
        Assert.That(Machine.Vector, Is.EqualTo(8), "the page fault of the first delivery faults again on the same stack");
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.IstStack - 48));
    }

    [Test]
    public void Two_page_faults_are_a_double_fault_on_the_stack_of_the_table()
    {
        Machine.SetGate64(8, BareMachine.Handlers + (8 * 16), ist: 1);
        Machine.SetGpr(GeneralRegister.Rsp, 0x80_0000);
        Machine.Load(a => a.push(rax));
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
        Assert.That(Machine.Vector, Is.EqualTo(8));
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.IstStack - 48));
        Assert.That(Machine.Read(Machine.Rsp + 32), Is.EqualTo(0x80_0000), "the old RSP");
    }

    [Test]
    public void A_fault_in_the_double_fault_is_a_shutdown()
    {
        Machine.State.Idtr.Limit = 0;
        Machine.Load(a => a.ud2());
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.TripleFault));
        Assert.That(Machine.Processor.Halted, Is.True);
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.TripleFault), "it stays down");
        Assert.That(Machine.Clock.Now, Is.Zero);
    }

    [Test]
    public void The_stack_table_is_used_without_a_change_of_privilege_and_SS_stays()
    {
        Machine.SetGate64(6, BareMachine.Handlers + (6 * 16), ist: 1);
        Machine.Load(a => a.ud2());
        Machine.RunToHalt();
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.IstStack - 40));
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Ss].Selector, Is.EqualTo(BareMachine.KernelData));
    }

    [Test]
    public void A_fault_in_user_mode_switches_to_the_stack_of_ring_0_with_a_null_SS()
    {
        Machine.EnterUser();
        Machine.Load(a => a.hlt());
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(13));
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.InnerStack - 48));
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Ss].Selector, Is.Zero);
        Assert.That(Machine.State.Cpl, Is.Zero);
        Assert.That(Machine.Read(Machine.Rsp + 16), Is.EqualTo(BareMachine.UserCode));
        Assert.That(Machine.Read(Machine.Rsp + 32), Is.EqualTo(BareMachine.Stack));
        Assert.That(Machine.Read(Machine.Rsp + 40), Is.EqualTo(BareMachine.UserData));
    }
}
