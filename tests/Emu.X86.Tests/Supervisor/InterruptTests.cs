using Emu.Core.Machine;
using Emu.X86.State;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>External interrupts, NMI, shadows and HLT (SDM 3A 6.8, 6.7).</summary>
public sealed class InterruptTests() : BareMachineTests(machine => machine.EnterLongMode())
{
    [Test]
    public void An_interrupt_waits_until_IF_and_costs_no_tick()
    {
        Machine.Apic.Vectors.Enqueue(0x40);
        Machine.Load(a =>
        {
            a.nop();
            a.sti();
            a.nop();
            a.nop();
        });
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(0x40));
        Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo(BareMachine.Code + 3), "behind the instruction in the shadow of STI");
        Assert.That(Machine.Clock.Now, Is.EqualTo(4), "NOP, STI, NOP and the handler's HLT");
        Assert.That(Machine.State.Rflags & Rflags.If, Is.Zero);
    }

    [Test]
    public void The_shadow_of_STI_is_the_same_wherever_runs_are_cut([Range(1, 4)] int cut)
    {
        Machine.Apic.Vectors.Enqueue(0x40);
        Machine.Load(a =>
        {
            a.nop();
            a.sti();
            a.nop();
            a.nop();
        });
        Machine.Step((ulong)cut);
        Machine.RunToHalt();
        Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo(BareMachine.Code + 3));
        Assert.That(Machine.Clock.Now, Is.EqualTo(4));
    }

    [Test]
    public void STI_with_IF_set_has_no_shadow()
    {
        Machine.State.Rflags |= Rflags.If;
        Machine.Load(a =>
        {
            a.sti();
            a.nop();
        });
        Machine.Step();
        Assert.That(Machine.State.InterruptShadow, Is.Zero);
    }

    [Test]
    public void MOV_SS_holds_back_interrupts_and_NMI_for_one_instruction()
    {
        Machine.State.Rflags |= Rflags.If;
        Machine.Load(a =>
        {
            a.mov(ss, ax);
            a.nop();
            a.nop();
        });
        Machine.SetGpr(GeneralRegister.Rax, BareMachine.KernelData);
        Machine.Step();
        Machine.Apic.NmiPending = true;
        Machine.Apic.Vectors.Enqueue(0x40);
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(2), "NMI before the interrupt");
        Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo(BareMachine.Code + 4));
    }

    [Test]
    public void HLT_ends_with_an_interrupt_and_not_while_IF_is_clear()
    {
        Machine.Load(a =>
        {
            a.hlt();
            a.sti();
            a.hlt();
            a.nop();
        });
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
        Machine.Apic.Vectors.Enqueue(0x41);
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.Halted), "IF is clear");
        Assert.That(Machine.State.Rip, Is.EqualTo(BareMachine.Code + 1));
        Machine.Apic.NmiPending = true;
        Machine.Load(a => a.iretq(), BareMachine.Handlers + 32);
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(0x41), "NMI woke it, then STI; HLT let the interrupt in");
        Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo(BareMachine.Code + 3), "behind the second HLT");
    }

    [Test]
    public void The_tick_of_leaving_HLT_is_kept()
    {
        Machine.State.Rflags |= Rflags.If;
        Machine.Load(a => a.hlt());
        Machine.RunToHalt();
        Assert.That(Machine.Processor.LastUserOrIdleTick, Is.EqualTo(Machine.Clock.Now));
        Machine.Clock.Now = 500;
        Machine.Apic.Vectors.Enqueue(0x40);
        Machine.Load(a =>
        {
            a.nop();
            a.nop();
            a.nop();
        }, BareMachine.Handlers + (0x40 * 16));
        Machine.Step(2);
        Assert.That(Machine.Processor.LastUserOrIdleTick, Is.EqualTo(500));
    }

    [Test]
    public void NMI_is_blocked_until_IRET()
    {
        Machine.Load(a =>
        {
            a.nop();
            a.nop();
        }, BareMachine.Code);
        Machine.Load(a =>
        {
            a.nop();
            a.iretq();
        }, BareMachine.Handlers + 32);
        Machine.Apic.NmiPending = true;
        Machine.Step();
        Assert.That(Machine.State.NmiBlocked, Is.EqualTo(1));
        Machine.Apic.NmiPending = true;
        ulong inner = Machine.Rsp;
        Machine.Step();
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.Stack), "back, the second not yet taken");
        Machine.Step();
        Assert.That(Machine.Rsp, Is.EqualTo(inner), "taken at once behind IRET");
        Assert.That(Machine.State.NmiBlocked, Is.EqualTo(1));
    }

    [Test]
    public void An_interrupt_in_user_mode_records_when_it_was_left()
    {
        Machine.EnterUser();
        Machine.State.Rflags |= Rflags.If;
        Machine.Load(a =>
        {
            for (int i = 0; i < 10; i++)
                a.nop();
        });
        Machine.Step(5);
        Assert.That(Machine.Processor.LastUserOrIdleTick, Is.EqualTo(5));
        Machine.Apic.Vectors.Enqueue(0x40);
        Machine.Load(a => a.nop(), BareMachine.Handlers + (0x40 * 16));
        Machine.Step();
        Assert.That(Machine.Processor.LastUserOrIdleTick, Is.EqualTo(5));
        Assert.That(Machine.Clock.Now, Is.EqualTo(6));
    }

    [Test]
    public void A_repeated_instruction_is_interrupted_between_iterations_and_resumed()
    {
        Machine.Load(a =>
        {
            a.rep.stosb();
            a.hlt();
        });
        Machine.State.Rflags |= Rflags.If;
        Machine.SetGpr(GeneralRegister.Rdi, BareMachine.Page);
        Machine.SetGpr(GeneralRegister.Rcx, 100);
        Machine.SetGpr(GeneralRegister.Rax, 0x5A);
        Machine.Step(30);
        Assert.That(Machine.Gpr(GeneralRegister.Rcx), Is.EqualTo(70));
        Assert.That(Machine.State.Rip, Is.EqualTo(BareMachine.Code));
        Machine.Apic.Vectors.Enqueue(0x40);
        Machine.Load(a => a.iretq(), BareMachine.Handlers + (0x40 * 16));
        Machine.RunToHalt();
        Assert.That(Machine.Gpr(GeneralRegister.Rcx), Is.Zero);
        Assert.That(Machine.Clock.Now, Is.EqualTo(102), "100 iterations, IRETQ and HLT");
        Assert.That(Machine.Memory.Read<byte>(BareMachine.Page + 99), Is.EqualTo(0x5A));
    }
}
