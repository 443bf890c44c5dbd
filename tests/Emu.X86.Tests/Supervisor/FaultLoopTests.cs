using Emu.Core.Machine;
using Emu.X86.Exceptions;
using Emu.X86.State;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>Handlers that fault before anything retires: no tick passes, but the run ends, and always after the same number of exceptions.</summary>
public sealed class FaultLoopTests() : BareMachineTests(machine => machine.EnterLongMode())
{
    private const ulong Unmapped = 0x40_0000;

    [Test]
    public void A_page_fault_handler_that_is_not_mapped_ends_the_run_for_good()
    {
        Machine.SetGate64(14, Unmapped, ist: 1);
        Machine.Load(a =>
        {
            a.nop();
            a.mov(rax, __qword_ptr[Unmapped]);
        });
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.FaultLoop));
        Assert.That(Machine.Clock.Now, Is.EqualTo(1), "only the NOP retired");
        Assert.That(Machine.State.Rip, Is.EqualTo(Unmapped));
        Assert.That(Machine.State.ExceptionsAtTick, Is.EqualTo(ExceptionUnit.LongestFaultChain));
        Assert.That(Machine.Processor.Halted, Is.True);

        Machine.Apic.NmiPending = true;
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.FaultLoop), "it stays down, even for NMI");
        Assert.That(Machine.Clock.Now, Is.EqualTo(1));
        Machine.Processor.Init();
        Assert.That(Machine.Processor.Halted, Is.False);
    }

    [Test]
    public void Cuts_and_restores_do_not_move_the_end()
    {
        byte[] whole = RunLoop(cuts: 0);
        byte[] cut = RunLoop(cuts: 7);
        Assert.That(cut, Is.EqualTo(whole));
    }

    [Test]
    public void A_chain_that_ends_is_followed_to_its_end()
    {
        // 1 MiB of stack for frames of 40 bytes, then the frame does not fit and the double fault has a stack of its own.
        Machine.SetGate64(6, BareMachine.Code);
        Machine.SetGate64(8, BareMachine.Handlers + (8 * 16), ist: 1);
        Machine.Memory.Write(BareMachine.Pt, 0UL);
        Machine.SetGpr(GeneralRegister.Rsp, BareMachine.Page + 0x10_0000);
        Machine.Load(a => a.ud2());
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
        Assert.That(Machine.Vector, Is.EqualTo(8));
        const ulong room = 0x10_0000 - 0x1000;
        Assert.That(Machine.State.ExceptionsAtTick, Is.EqualTo((room / 48) + 1), "frames of 40 bytes, aligned to 16, and the double fault");
    }

    [Test]
    public void Exceptions_between_retired_instructions_are_no_loop()
    {
        Machine.Load(a =>
        {
            a.ud2();
            a.hlt();
        });
        Machine.Load(
            a =>
            {
                a.dec(rcx);
                Iced.Intel.Label done = a.CreateLabel();
                a.jz(done);
                a.iretq();
                a.Label(ref done);
                a.hlt();
            },
            BareMachine.Handlers + (6 * 16));
        Machine.SetGpr(GeneralRegister.Rcx, (2 * ExceptionUnit.LongestFaultChain) + 1);
        Assert.That(Machine.RunToHalt(limit: 1UL << 30), Is.EqualTo(RunExit.Halted));
        Assert.That(Machine.Gpr(GeneralRegister.Rcx), Is.Zero);
        Assert.That(Machine.State.ExceptionsAtTick, Is.EqualTo(1));
    }

    private static byte[] RunLoop(int cuts)
    {
        using BareMachine machine = new();
        machine.EnterLongMode();
        machine.SetGate64(6, BareMachine.Handlers + 0x60, ist: 1);
        machine.Load(a => a.ud2());
        machine.Load(a => a.ud2(), BareMachine.Handlers + 0x60);
        for (int i = 0; i < cuts; i++)
        {
            machine.Processor.SetBreakpoint(BareMachine.Handlers + 0x60, true);
            Assert.That(machine.Processor.Run(100), Is.EqualTo(RunExit.Breakpoint));
            machine.Processor.SetBreakpoint(BareMachine.Handlers + 0x60, false);
            machine.Processor.Restored();
        }

        Assert.That(machine.RunToHalt(), Is.EqualTo(RunExit.FaultLoop));
        return machine.Processor.StateBytes.ToArray();
    }
}
