using Emu.Core.Machine;
using Emu.X86.State;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>The run loop allocates nothing: not for computing, not for faults, interrupts, port access, mode changes, or decoding what was rewritten.</summary>
public sealed class AllocationTests
{
    private const ulong WarmUp = 1_000_000;
    private const ulong Measured = 5_000_000;

    private static IEnumerable<TestCaseData> Programs()
    {
        yield return Program("Computing", a =>
        {
            a.mov(rax, __qword_ptr[rbx]);
            a.add(rax, rcx);
            a.mov(__qword_ptr[rbx + 8], rax);
            a.imul(rdx, rax);
            a.push(rax);
            a.pop(rsi);
            a.addsd(xmm0, xmm1);
            a.movaps(__xmmword_ptr[rbx + 16], xmm0);
            a.fld1();
            a.fstp(__qword_ptr[rbx + 32]);
        });
        yield return Program("String_instructions_and_page_crossings", a =>
        {
            a.lea(rdi, __[rbx + 0x100]);
            a.mov(ecx, 64);
            a.rep.stosb();
            a.mov(rax, __qword_ptr[rbx + 0xFFC]);
            a.mov(__qword_ptr[rbx + 0xFFC], rax);
            a.@lock.xadd(__qword_ptr[rbx], rax);
        });
        yield return Program("Software_interrupts_and_faults", a =>
        {
            a.@int(0x50);
            a.ud2();
            a.mov(ecx, __dword_ptr[0x40_0000]); // 7 bytes; the handler skips them
        });
        yield return Program("Ports_and_control_registers", a =>
        {
            a.@in(al, 0x80);
            a.mov(rax, cr3);
            a.mov(cr3, rax);
            a.invlpg(__[rbx]);
            a.mov(ecx, 0x10);
            a.rdmsr();
            a.cpuid();
            a.mov(rbx, BareMachine.Page);
        });
        yield return Program("Code_that_is_rewritten", a =>
        {
            a.mov(rdi, BareMachine.Page + 0x3000);
            a.mov(__byte_ptr[rdi], 0xC3);
            a.call(rdi);
        });
        yield return Program("Unknown_registers", a =>
        {
            a.mov(ecx, 0x1234);
            a.rdmsr();
        });
    }

    [TestCaseSource(nameof(Programs))]
    public void Nothing_is_allocated(Action<Assembler> body)
    {
        using BareMachine machine = new();
        machine.EnterLongMode();
        machine.SetGpr(GeneralRegister.Rbx, BareMachine.Page);
        machine.State.Fcw = 0x37F;
        machine.State.Ftw = 0xFFFF;
        machine.Load(a => a.iretq(), BareMachine.Handlers + (0x50 * 16));
        Skip(machine, vector: 6, instruction: 2);
        Skip(machine, vector: 13, instruction: 2, error: true);
        Skip(machine, vector: 14, instruction: 7, error: true);
        machine.Load(a =>
        {
            Label again = a.CreateLabel();
            a.Label(ref again);
            body(a);
            a.jmp(again);
        });
        Run(machine, WarmUp);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(machine, WarmUp + Measured);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(machine.Clock.Now, Is.EqualTo(WarmUp + Measured));
        Assert.That(machine.State.Rip, Is.LessThan(BareMachine.Page + 0x4000), "still in the program");
    }

    private static TestCaseData Program(string name, Action<Assembler> body) => new TestCaseData(body).SetName(name);

    private static void Run(BareMachine machine, ulong end)
    {
        while (machine.Clock.Now < end)
            Assume(machine.Processor.Run(end), machine);
    }

    /// <summary>Without NUnit's assertions, which allocate.</summary>
    private static void Assume(RunExit exit, BareMachine machine)
    {
        if (exit is not (RunExit.Deadline or RunExit.Bus))
            Assert.Fail($"{exit} at {machine.State.Rip:X}H, tick {machine.Clock.Now}, vector {machine.Vector}");
    }

    /// <summary>The handler returns behind the faulting instruction.</summary>
    private static void Skip(BareMachine machine, int vector, int instruction, bool error = false)
    {
        ulong handler = BareMachine.Code + 0x8000 + ((ulong)vector * 64);
        machine.SetGate64(vector, handler);
        machine.Load(a =>
        {
            if (error)
                a.add(rsp, 8);
            a.add(__qword_ptr[rsp], instruction);
            a.iretq();
        }, handler);
    }
}
