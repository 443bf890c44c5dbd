using Emu.Core.Machine;
using Emu.X86.State;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>Two events at one instruction boundary or in one instruction: which comes first (SDM 3A, table 6-2).</summary>
public sealed unsafe class PriorityTests() : BareMachineTests(machine => machine.EnterLongMode())
{
    private const ulong Unmapped = 0x40_0000;
    private const ulong NotCanonical = 0x8000_0000_0000_0000;

    [Test]
    public void A_trap_of_the_previous_instruction_comes_before_NMI_and_NMI_before_an_interrupt()
    {
        Machine.Load(a =>
        {
            a.nop();
            a.nop();
        });
        Machine.State.Rflags |= Rflags.Tf | Rflags.If;
        Machine.Step();
        Machine.Apic.NmiPending = true;
        Machine.Apic.Vectors.Enqueue(0x40);
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(2), "delivered last, so on top");
        Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo(BareMachine.Handlers + 16), "NMI found the processor at the handler of #DB");
        Assert.That(Machine.Apic.Pending, Is.True, "the gate of #DB cleared IF");
    }

    [Test]
    public void An_interrupt_comes_before_a_code_breakpoint()
    {
        Break(BareMachine.Code);
        Machine.State.Rflags |= Rflags.If;
        Machine.Apic.Vectors.Enqueue(0x40);
        Machine.Load(a => a.nop());
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(0x40));
        Assert.That(Machine.State.Dr6 & 0xF, Is.Zero);
    }

    [Test]
    public void A_code_breakpoint_comes_before_the_page_fault_of_the_fetch()
    {
        Break(Unmapped);
        Machine.State.Rip = Unmapped;
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(1));
        Assert.That(Machine.State.Cr2, Is.Zero);
        Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo(Unmapped));
    }

    [Test]
    public void A_code_breakpoint_comes_before_an_undefined_opcode()
    {
        Break(BareMachine.Code);
        Machine.Load(a => a.ud2());
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(1));
    }

    [Test]
    public void A_single_step_and_a_data_breakpoint_are_one_exception()
    {
        Machine.State.Dr[1] = BareMachine.Page;
        Machine.State.Dr7 = 0x400 | (1 << 2) | (1UL << 20);
        Machine.State.Rflags |= Rflags.Tf;
        Machine.Load(a => a.mov(__byte_ptr[BareMachine.Page], al));
        Machine.Processor.DropCaches();
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(1));
        Assert.That(Machine.State.Dr6 & 0x400F, Is.EqualTo(0x4002));
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.Stack - 40), "once");
    }

    [Test]
    public void A_faulting_instruction_leaves_no_trap()
    {
        Machine.State.Dr[1] = Unmapped;
        Machine.State.Dr7 = 0x400 | (1 << 2) | (1UL << 20);
        Machine.State.Rflags |= Rflags.Tf;
        Machine.Load(a => a.mov(__byte_ptr[Unmapped], al));
        Machine.Processor.DropCaches();
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(14));
        Assert.That(Machine.State.Dr6 & 0x400F, Is.Zero);
    }

    [Test]
    public void An_instruction_of_more_than_15_bytes_is_a_general_protection_fault()
    {
        byte[] prefixes = [.. Enumerable.Repeat((byte)0x66, 15), 0x90];
        Machine.Memory.Write(BareMachine.Code, prefixes);
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(13));
        Assert.That(Machine.Read(Machine.Rsp), Is.Zero);
    }

    [Test]
    public void An_instruction_of_15_bytes_runs()
    {
        byte[] prefixes = [.. Enumerable.Repeat((byte)0x66, 14), 0x90, 0xF4];
        Machine.Memory.Write(BareMachine.Code, prefixes);
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
        Assert.That(Machine.State.Rip, Is.EqualTo(BareMachine.Code + 16));
    }

    private static IEnumerable<TestCaseData> Pairs()
    {
        yield return Pair("An_absent_coprocessor_comes_before_a_page_fault", 7, a => a.fld(__dword_ptr[Unmapped]), machine => machine.State.Cr0 |= ControlBits.Cr0Ts);
        yield return Pair("Task_switched_SSE_comes_before_misalignment", 7, a => a.movaps(xmm0, __xmmword_ptr[BareMachine.Page + 1]), machine => machine.State.Cr0 |= ControlBits.Cr0Ts);
        yield return Pair("Absent_SSE_comes_before_task_switched_SSE", 6, a => a.addps(xmm0, xmm1), machine =>
        {
            machine.State.Cr0 |= ControlBits.Cr0Ts;
            machine.State.Cr4 &= ~ControlBits.Cr4Osfxsr;
        });
        yield return Pair("An_absent_coprocessor_comes_before_its_pending_exception", 7, a => a.fld1(), machine =>
        {
            Pend(machine);
            machine.State.Cr0 |= ControlBits.Cr0Ts;
        });
        yield return Pair("A_pending_x87_exception_comes_before_a_page_fault", 16, a => a.fld(__dword_ptr[Unmapped]), Pend);
        yield return Pair("A_wrong_LOCK_comes_before_a_page_fault", 6, a => a.db(0xF0, 0x8B, 0x04, 0x25, 0x00, 0x00, 0x40, 0x00));
        yield return Pair("A_noncanonical_address_comes_before_alignment", 13, a => a.movaps(xmm0, __xmmword_ptr[rbx + 1]));
        yield return Pair("Misaligned_SSE_comes_before_a_page_fault", 13, a => a.movaps(xmm0, __xmmword_ptr[Unmapped + 1]));
        yield return Pair("A_page_fault_of_the_divisor_comes_before_the_division", 14, a => a.div(__dword_ptr[Unmapped]));
        yield return Pair("Privilege_comes_before_a_page_fault", 13, a => a.lgdt(__[Unmapped]), machine => machine.EnterUser());
        yield return Pair("Privilege_comes_before_an_unknown_MSR", 13, a => a.rdmsr(), machine => machine.EnterUser());
        yield return Pair("A_reserved_control_register_comes_before_privilege", 6, a => a.db(0x0F, 0x20, 0xC8), machine => machine.EnterUser());
        yield return Pair("Debug_registers_4_and_5_come_before_general_detect", 6, a => a.mov(rax, dr4), machine =>
        {
            machine.State.Cr4 |= ControlBits.Cr4De;
            machine.State.Dr7 |= 1 << 13;
        });
        yield return Pair("Privilege_comes_before_general_detect", 13, a => a.mov(rax, dr0), machine =>
        {
            machine.EnterUser();
            machine.State.Dr7 |= 1 << 13;
        });
        yield return Pair("The_IO_bitmap_comes_before_the_memory_of_INS", 13, a => a.insb(), machine =>
        {
            machine.EnterUser();
            machine.Memory.Write(BareMachine.Tss + 102, (ushort)0xFFFF);
            machine.SetGpr(GeneralRegister.Rdi, Unmapped);
        });
    }

    [TestCaseSource(nameof(Pairs))]
    public void In_one_instruction(Action<Assembler> code, Action<BareMachine>? prepare, int vector)
    {
        Machine.SetGpr(GeneralRegister.Rbx, NotCanonical);
        prepare?.Invoke(Machine);
        Machine.Load(code);
        Machine.Processor.DropCaches();
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(vector));
        Assert.That(Machine.State.Cr2, Is.EqualTo(vector == 14 ? Unmapped : 0));
    }

    private static TestCaseData Pair(string name, int vector, Action<Assembler> code, Action<BareMachine>? prepare = null)
        => new TestCaseData(code, prepare, vector).SetName(name);

    /// <summary>An unmasked x87 exception that no waiting instruction has reported yet.</summary>
    private static void Pend(BareMachine machine)
    {
        machine.State.Cr0 |= ControlBits.Cr0Ne;
        machine.State.Fcw = 0x37E;
        machine.State.Fsw = 0x8081;
    }

    private void Break(ulong linear)
    {
        Machine.State.Dr[0] = linear;
        Machine.State.Dr7 = 0x401;
        Machine.Processor.DropCaches();
    }
}
