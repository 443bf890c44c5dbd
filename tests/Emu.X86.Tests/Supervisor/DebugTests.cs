using Emu.X86.State;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>Single step, instruction and data breakpoints, general detect (SDM 3B 17).</summary>
public sealed unsafe class DebugTests() : BareMachineTests(machine => machine.EnterLongMode())
{
    private const ulong SingleStep = 1 << 14;

    [Test]
    public void TF_traps_behind_each_instruction_after_the_one_that_set_it()
    {
        Machine.Load(a =>
        {
            a.push(0x102);
            a.popfq();
            a.nop();
            a.nop();
        });
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(1));
        Assert.That(Machine.State.Dr6 & SingleStep, Is.Not.Zero);
        ulong nop = BareMachine.Code + 6;
        Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo(nop + 1));
        Assert.That(Machine.Read(Machine.Rsp + 16) & Rflags.Tf, Is.Not.Zero, "the pushed flags");
        Assert.That(Machine.Read(Machine.Rsp + 16) & Rflags.Rf, Is.Zero, "a trap");
        Assert.That(Machine.State.Rflags & Rflags.Tf, Is.Zero);
    }

    [Test]
    public void TF_traps_behind_each_iteration()
    {
        Machine.Load(a =>
        {
            a.rep.stosb();
            a.hlt();
        });
        Machine.SetGpr(GeneralRegister.Rdi, BareMachine.Page);
        Machine.SetGpr(GeneralRegister.Rcx, 10);
        Machine.State.Rflags |= Rflags.Tf;
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(1));
        Assert.That(Machine.Gpr(GeneralRegister.Rcx), Is.EqualTo(9));
        Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo(BareMachine.Code));
    }

    [Test]
    public void MOV_SS_delays_the_trap_and_loses_its_own()
    {
        Machine.Load(a =>
        {
            a.mov(ss, ax);
            a.nop();
            a.nop();
        });
        Machine.SetGpr(GeneralRegister.Rax, BareMachine.KernelData);
        Machine.State.Rflags |= Rflags.Tf;
        Machine.RunToHalt();
        Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo(BareMachine.Code + 4));
    }

    [Test]
    public void A_software_interrupt_does_not_trap_in_its_handler()
    {
        Machine.Load(a => a.@int(0x50));
        Machine.State.Rflags |= Rflags.Tf;
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(0x50));
    }

    [Test]
    public void An_instruction_breakpoint_faults_once_and_RF_lets_it_pass()
    {
        Machine.Load(a =>
        {
            a.nop();
            a.inc(eax);
            a.hlt();
        });
        Machine.State.Dr[0] = BareMachine.Code + 1;
        Machine.State.Dr7 = 0x401;
        Machine.Load(a =>
        {
            a.inc(ebx);
            a.or(__dword_ptr[rsp + 16], 0x1_0000);
            a.iretq();
        }, BareMachine.Handlers + 16);
        Machine.Processor.DropCaches();
        Machine.RunToHalt();
        Assert.That(Machine.State.Rip, Is.EqualTo(BareMachine.Code + 4));
        Assert.That(Machine.Gpr(GeneralRegister.Rax), Is.EqualTo(1));
        Assert.That(Machine.Gpr(GeneralRegister.Rbx), Is.EqualTo(1));
        Assert.That(Machine.State.Dr6 & 0xF, Is.EqualTo(1));
        Assert.That(Machine.State.Rflags & Rflags.Rf, Is.Zero);
    }

    [TestCase(1, true, TestName = "A_write_breakpoint_traps_behind_the_write")]
    [TestCase(3, true, TestName = "An_access_breakpoint_traps_behind_the_write")]
    [TestCase(1, false, TestName = "A_write_breakpoint_ignores_reads")]
    [TestCase(3, false, TestName = "An_access_breakpoint_traps_behind_the_read")]
    public void Data_breakpoints(int kind, bool write)
    {
        Machine.Load(a =>
        {
            if (write)
                a.mov(__dword_ptr[BareMachine.Page + 2], eax);
            else
                a.mov(eax, __dword_ptr[BareMachine.Page + 2]);
            a.nop();
            a.hlt();
        });
        Machine.State.Dr[2] = BareMachine.Page + 4;
        Machine.State.Dr7 = 0x400 | (1 << 4) | ((ulong)kind << 24) | (3UL << 26);
        Machine.Processor.DropCaches();
        Machine.RunToHalt();
        bool hits = write || kind == 3;
        if (!hits)
        {
            Assert.That(Machine.State.Rip, Is.EqualTo(BareMachine.Code + 11));
            return;
        }

        Assert.That(Machine.Vector, Is.EqualTo(1));
        Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo(BareMachine.Code + 9));
        Assert.That(Machine.State.Dr6 & 0xF, Is.EqualTo(4));
    }

    [Test]
    public void General_detect_faults_at_a_debug_register_and_clears_itself()
    {
        Machine.Load(a => a.mov(rax, dr0));
        Machine.State.Dr7 = 0x2400;
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(1));
        Assert.That(Machine.State.Dr6 & (1 << 13), Is.Not.Zero);
        Assert.That(Machine.State.Dr7 & (1 << 13), Is.Zero);
        Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo(BareMachine.Code));
    }
}
