using Emu.Core.Machine;
using Emu.X86.State;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>External interrupts, NMI, shadows and HLT (SDM 3A 6.8, 6.7).</summary>
public sealed class InterruptTests
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

    [Test]
    public void An_interrupt_waits_until_IF_and_costs_no_tick()
    {
        _machine.Apic.Vectors.Enqueue(0x40);
        _machine.Load(a =>
        {
            a.nop();
            a.sti();
            a.nop();
            a.nop();
        });
        _machine.RunToHalt();
        Assert.That(_machine.Vector, Is.EqualTo(0x40));
        Assert.That(_machine.Read(_machine.Rsp), Is.EqualTo(BareMachine.Code + 3), "behind the instruction in the shadow of STI");
        Assert.That(_machine.Clock.Now, Is.EqualTo(4), "NOP, STI, NOP and the handler's HLT");
        Assert.That(_machine.State.Rflags & Rflags.If, Is.Zero);
    }

    [Test]
    public void The_shadow_of_STI_is_the_same_wherever_runs_are_cut([Range(1, 4)] int cut)
    {
        _machine.Apic.Vectors.Enqueue(0x40);
        _machine.Load(a =>
        {
            a.nop();
            a.sti();
            a.nop();
            a.nop();
        });
        _machine.Step((ulong)cut);
        _machine.RunToHalt();
        Assert.That(_machine.Read(_machine.Rsp), Is.EqualTo(BareMachine.Code + 3));
        Assert.That(_machine.Clock.Now, Is.EqualTo(4));
    }

    [Test]
    public void STI_with_IF_set_has_no_shadow()
    {
        _machine.State.Rflags |= Rflags.If;
        _machine.Load(a =>
        {
            a.sti();
            a.nop();
        });
        _machine.Step();
        Assert.That(_machine.State.InterruptShadow, Is.Zero);
    }

    [Test]
    public void MOV_SS_holds_back_interrupts_and_NMI_for_one_instruction()
    {
        _machine.State.Rflags |= Rflags.If;
        _machine.Load(a =>
        {
            a.mov(ss, ax);
            a.nop();
            a.nop();
        });
        _machine.SetGpr(GeneralRegister.Rax, BareMachine.KernelData);
        _machine.Step();
        _machine.Apic.NmiPending = true;
        _machine.Apic.Vectors.Enqueue(0x40);
        _machine.RunToHalt();
        Assert.That(_machine.Vector, Is.EqualTo(2), "NMI before the interrupt");
        Assert.That(_machine.Read(_machine.Rsp), Is.EqualTo(BareMachine.Code + 4));
    }

    [Test]
    public void HLT_ends_with_an_interrupt_and_not_while_IF_is_clear()
    {
        _machine.Load(a =>
        {
            a.hlt();
            a.sti();
            a.hlt();
            a.nop();
        });
        Assert.That(_machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
        _machine.Apic.Vectors.Enqueue(0x41);
        Assert.That(_machine.RunToHalt(), Is.EqualTo(RunExit.Halted), "IF is clear");
        Assert.That(_machine.State.Rip, Is.EqualTo(BareMachine.Code + 1));
        _machine.Apic.NmiPending = true;
        _machine.Load(a => a.iretq(), BareMachine.Handlers + 32);
        _machine.RunToHalt();
        Assert.That(_machine.Vector, Is.EqualTo(0x41), "NMI woke it, then STI; HLT let the interrupt in");
        Assert.That(_machine.Read(_machine.Rsp), Is.EqualTo(BareMachine.Code + 3), "behind the second HLT");
    }

    [Test]
    public void The_tick_of_leaving_HLT_is_kept()
    {
        _machine.State.Rflags |= Rflags.If;
        _machine.Load(a => a.hlt());
        _machine.RunToHalt();
        Assert.That(_machine.Processor.LastUserOrIdleTick, Is.EqualTo(_machine.Clock.Now));
        _machine.Clock.Now = 500;
        _machine.Apic.Vectors.Enqueue(0x40);
        _machine.Load(a =>
        {
            a.nop();
            a.nop();
            a.nop();
        }, BareMachine.Handlers + (0x40 * 16));
        _machine.Step(2);
        Assert.That(_machine.Processor.LastUserOrIdleTick, Is.EqualTo(500));
    }

    [Test]
    public void NMI_is_blocked_until_IRET()
    {
        _machine.Load(a =>
        {
            a.nop();
            a.nop();
        }, BareMachine.Code);
        _machine.Load(a =>
        {
            a.nop();
            a.iretq();
        }, BareMachine.Handlers + 32);
        _machine.Apic.NmiPending = true;
        _machine.Step();
        Assert.That(_machine.State.NmiBlocked, Is.EqualTo(1));
        _machine.Apic.NmiPending = true;
        ulong inner = _machine.Rsp;
        _machine.Step();
        Assert.That(_machine.Rsp, Is.EqualTo(BareMachine.Stack), "back, the second not yet taken");
        _machine.Step();
        Assert.That(_machine.Rsp, Is.EqualTo(inner), "taken at once behind IRET");
        Assert.That(_machine.State.NmiBlocked, Is.EqualTo(1));
    }

    [Test]
    public void An_interrupt_in_user_mode_records_when_it_was_left()
    {
        _machine.EnterUser();
        _machine.State.Rflags |= Rflags.If;
        _machine.Load(a =>
        {
            for (int i = 0; i < 10; i++)
                a.nop();
        });
        _machine.Step(5);
        Assert.That(_machine.Processor.LastUserOrIdleTick, Is.EqualTo(5));
        _machine.Apic.Vectors.Enqueue(0x40);
        _machine.Load(a => a.nop(), BareMachine.Handlers + (0x40 * 16));
        _machine.Step();
        Assert.That(_machine.Processor.LastUserOrIdleTick, Is.EqualTo(5));
        Assert.That(_machine.Clock.Now, Is.EqualTo(6));
    }

    [Test]
    public void A_repeated_instruction_is_interrupted_between_iterations_and_resumed()
    {
        _machine.Load(a =>
        {
            a.rep.stosb();
            a.hlt();
        });
        _machine.State.Rflags |= Rflags.If;
        _machine.SetGpr(GeneralRegister.Rdi, BareMachine.Page);
        _machine.SetGpr(GeneralRegister.Rcx, 100);
        _machine.SetGpr(GeneralRegister.Rax, 0x5A);
        _machine.Step(30);
        Assert.That(_machine.Gpr(GeneralRegister.Rcx), Is.EqualTo(70));
        Assert.That(_machine.State.Rip, Is.EqualTo(BareMachine.Code));
        _machine.Apic.Vectors.Enqueue(0x40);
        _machine.Load(a => a.iretq(), BareMachine.Handlers + (0x40 * 16));
        _machine.RunToHalt();
        Assert.That(_machine.Gpr(GeneralRegister.Rcx), Is.Zero);
        Assert.That(_machine.Clock.Now, Is.EqualTo(102), "100 iterations, IRETQ and HLT");
        Assert.That(_machine.Memory.Read<byte>(BareMachine.Page + 99), Is.EqualTo(0x5A));
    }
}
