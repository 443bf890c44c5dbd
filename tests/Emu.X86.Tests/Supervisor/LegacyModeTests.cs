using Emu.Core.Machine;
using Emu.X86.State;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>Protected mode: gates, call gates with parameters, task switches, virtual-8086 mode, 32-bit and PAE paging; and the way from reset to long mode.</summary>
public sealed unsafe class LegacyModeTests() : BareMachineTests(machine => machine.EnterProtectedMode())
{
    private const uint SecondTask = 0x3_9000;

    [Test]
    public void A_fault_in_ring_0_pushes_four_words()
    {
        Machine.Load(a => a.mov(ds, ax), bitness: 32);
        Machine.SetGpr(GeneralRegister.Rax, 0x1FF8);
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(13));
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.Stack - 16));
        Assert.That(Word(0), Is.EqualTo(0x1FF8));
        Assert.That(Word(1), Is.EqualTo((uint)BareMachine.Code));
        Assert.That(Word(2), Is.EqualTo(BareMachine.KernelCode));
    }

    [Test]
    public void An_interrupt_from_ring_3_switches_to_the_stack_of_the_TSS_and_IRET_returns()
    {
        Machine.EnterUser(compatibility: true);
        Machine.Load(a =>
        {
            a.@int(0x80);
            a.nop();
        }, bitness: 32);
        Machine.Load(a => a.iretd(), BareMachine.Handlers + (0x80 * 16), bitness: 32);
        Machine.Step();
        Assert.That(Machine.State.Cpl, Is.Zero);
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.InnerStack - 20));
        Assert.That(Word(0), Is.EqualTo((uint)BareMachine.Code + 2));
        Assert.That(Word(3), Is.EqualTo((uint)BareMachine.Stack));
        Assert.That(Word(4), Is.EqualTo(BareMachine.UserData));
        Machine.Step();
        Assert.That(Machine.State.Cpl, Is.EqualTo(3));
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.Stack));
    }

    [Test]
    public void A_gate_below_the_callers_privilege_is_refused()
    {
        Machine.SetGate32(0x80, BareMachine.KernelCode, 0, 0x8E);
        Machine.EnterUser(compatibility: true);
        Machine.Load(a => a.@int(0x80), bitness: 32);
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(13));
        Assert.That(Word(0), Is.EqualTo((0x80u << 3) | 2), "IDT, not EXT");
    }

    [Test]
    public void A_call_gate_copies_parameters()
    {
        const ulong entry = 0x2_4000;
        ulong gate = (entry & 0xFFFF) | ((ulong)BareMachine.KernelCode << 16) | (2UL << 32) | (0xECUL << 40) | ((entry >> 16) << 48);
        Machine.Memory.Write(BareMachine.Gdt + 0x50, gate);
        Machine.EnterUser(compatibility: true);
        Machine.Load(a =>
        {
            a.push(0x1111);
            a.push(0x2222);
            a.call(0x53, 0);
        }, bitness: 32);
        Machine.Load(a => a.retf(8), entry, bitness: 32);
        Machine.Step(3);
        Assert.That(Machine.State.Cpl, Is.Zero);
        Assert.That(Word(2), Is.EqualTo(0x2222));
        Assert.That(Word(3), Is.EqualTo(0x1111));
        Assert.That(Word(4), Is.EqualTo((uint)BareMachine.Stack - 8));
        Machine.Step();
        Assert.That(Machine.State.Cpl, Is.EqualTo(3));
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.Stack), "parameters released on both stacks");
    }

    [Test]
    public void CALL_to_a_TSS_switches_tasks_and_IRET_comes_back()
    {
        PrepareTask(0x2_4000);
        Machine.Load(a =>
        {
            a.mov(ebx, 7);
            a.call(0x58, 0);
            a.hlt();
        }, bitness: 32);
        Machine.Load(a =>
        {
            a.inc(ecx);
            a.iretd();
        }, 0x2_4000, bitness: 32);
        Machine.Memory.Write(BareMachine.Gdt + 0x30 + 5, (byte)0x8B);
        Machine.Step(2);
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Tr].Selector, Is.EqualTo(0x58));
        Assert.That(Machine.State.Rip, Is.EqualTo(0x2_4000));
        Assert.That(Machine.State.Rflags & Rflags.Nt, Is.Not.Zero);
        Assert.That(Machine.State.Cr0 & ControlBits.Cr0Ts, Is.Not.Zero);
        Assert.That(Machine.Gpr(GeneralRegister.Rbx), Is.EqualTo(3), "from the new TSS");
        Assert.That(Machine.Memory.Read<ushort>(SecondTask), Is.EqualTo(BareMachine.TaskSelector), "the link");
        Machine.RunToHalt();
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Tr].Selector, Is.EqualTo(BareMachine.TaskSelector));
        Assert.That(Machine.Gpr(GeneralRegister.Rbx), Is.EqualTo(7));
        Assert.That(Machine.State.Rflags & Rflags.Nt, Is.Zero);
        Assert.That(Machine.Memory.Read<byte>(BareMachine.Gdt + 0x58 + 5), Is.EqualTo(0x89), "not busy any more");
        Assert.That(Machine.Memory.Read<uint>(SecondTask + 44), Is.EqualTo(1), "ECX was saved");
    }

    [Test]
    public void A_task_gate_takes_a_fault_with_its_error_code()
    {
        PrepareTask((uint)(BareMachine.Handlers + (13 * 16)));
        Machine.Memory.Write(BareMachine.Gdt + 0x30 + 5, (byte)0x8B);
        Machine.SetGate32(13, 0x58, 0, 0x85);
        Machine.Load(a => a.mov(ds, ax), bitness: 32);
        Machine.SetGpr(GeneralRegister.Rax, 0x1FF8);
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(13));
        Assert.That(Machine.Rsp, Is.EqualTo(0x3_A000 - 4));
        Assert.That(Word(0), Is.EqualTo(0x1FF8));
        Assert.That(Machine.Memory.Read<uint>(BareMachine.Tss + 32), Is.EqualTo((uint)BareMachine.Code), "EIP of the faulting instruction");
    }

    [Test]
    public void A_busy_task_cannot_be_entered()
    {
        PrepareTask(0x2_4000);
        Machine.Memory.Write(BareMachine.Gdt + 0x58 + 5, (byte)0x8B);
        Machine.Load(a => a.call(0x58, 0), bitness: 32);
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(13));
        Assert.That(Word(0), Is.EqualTo(0x58));
    }

    [Test]
    public void Virtual_8086_mode_is_entered_by_IRET_and_left_by_a_fault()
    {
        Machine.Load(a =>
        {
            a.push(0x55); // GS
            a.push(0x44); // FS
            a.push(0x33); // DS
            a.push(0x22); // ES
            a.push(0x3000); // SS
            a.push(0x100); // ESP
            a.push(0x2_0002); // VM, IOPL 0
            a.push(0x2800); // CS
            a.push(0x10); // EIP
            a.iretd();
        }, bitness: 32);
        Machine.Load(a =>
        {
            a.mov(ax, 0x1234);
            a.mov(ds, ax);
            a.cli();
        }, 0x2_8010, bitness: 16);
        Machine.Step(12);
        Assert.That(Machine.State.Cpl, Is.EqualTo(3));
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Ds].Base, Is.EqualTo(0x1_2340));
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(13), "CLI is sensitive to IOPL");
        Assert.That(Machine.Rsp, Is.EqualTo(BareMachine.InnerStack - 40));
        Assert.That(Word(1), Is.EqualTo(0x15));
        Assert.That(Word(2), Is.EqualTo(0x2800));
        Assert.That(Word(3) & (uint)Rflags.Vm, Is.Not.Zero);
        Assert.That(Word(5), Is.EqualTo(0x3000));
        Assert.That(Word(6), Is.EqualTo(0x22), "ES");
        Assert.That(Word(7), Is.EqualTo(0x1234), "DS");
        Assert.That(Word(9), Is.EqualTo(0x55), "GS");
        Assert.That(Machine.State.Segments[(int)SegmentIndex.Ds].Attributes.HasFlag(SegmentAttributes.Unusable), Is.True);
    }

    [Test]
    public void Paging_with_32_bit_entries_and_large_pages()
    {
        const ulong directory = 0x5_0000;
        Machine.Memory.Write(directory, 0x83u);
        Machine.Memory.Write(directory + 4, 0x5_1003u);
        Machine.Memory.Write(0x5_1000UL, 0x5_2003u);
        Machine.Memory.Write(0x5_1004UL, 0x5_2001u);
        Machine.Memory.Write(0x5_2000UL, 0xCAFEu);
        Machine.Load(a =>
        {
            a.mov(eax, 0x5_0000);
            a.mov(cr3, eax);
            a.mov(eax, 0x10);
            a.mov(cr4, eax);
            a.mov(eax, unchecked((int)0x8001_0011));
            a.mov(cr0, eax);
            a.mov(ebx, __dword_ptr[0x40_0000]);
            a.mov(__dword_ptr[0x40_0000], 5);
            a.mov(__dword_ptr[0x40_1000], 5);
        }, bitness: 32);
        Machine.RunToHalt();
        Assert.That(Machine.Gpr(GeneralRegister.Rbx), Is.EqualTo(0xCAFE));
        Assert.That(Machine.Vector, Is.EqualTo(14));
        Assert.That(Machine.State.Cr2, Is.EqualTo(0x40_1000));
        Assert.That(Word(0), Is.EqualTo(3));
        Assert.That(Machine.Memory.Read<uint>(0x5_1000) & 0x60, Is.EqualTo(0x60), "accessed and dirty");
        Assert.That(Machine.Memory.Read<uint>(0x5_1004) & 0x60, Is.Zero);
        Assert.That(Machine.Memory.Read<uint>(directory + 4) & 0x60, Is.EqualTo(0x20));
    }

    [Test]
    public void PAE_paging_keeps_its_pointers_in_registers()
    {
        Machine.Memory.Write(0x5_0000UL, 0x5_1001UL);
        Machine.Memory.Write(0x5_1000UL, 0x83UL);
        Machine.Memory.Write(0x5_1008UL, 0x83UL); // 2 MiB shows 0 again
        Machine.Memory.Write(0x1234UL, 0xCAFEu);
        Machine.Load(a =>
        {
            a.mov(eax, 0x5_0000);
            a.mov(cr3, eax);
            a.mov(eax, 0x20);
            a.mov(cr4, eax);
            a.mov(eax, unchecked((int)0x8001_0011));
            a.mov(cr0, eax);
            a.mov(__dword_ptr[0x5_0000], 0);
            a.mov(ebx, __dword_ptr[0x20_1234]);
            a.hlt();
        }, bitness: 32);
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
        Assert.That(Machine.Gpr(GeneralRegister.Rbx), Is.EqualTo(0xCAFE), "the pointer in memory is gone, that in the register is not");
    }

    [Test]
    public void From_reset_to_long_mode()
    {
        StartOver(machine => machine.EnterLongMode());
        Machine.Processor.Reset();
        ref CpuState state = ref Machine.State;
        state.Segments[(int)SegmentIndex.Cs].Base = 0;
        state.Segments[(int)SegmentIndex.Cs].Selector = 0;
        state.Rip = 0x8000;
        Machine.Memory.Write(0x9000UL, (ulong)0xFFF | (BareMachine.Gdt << 16));
        Machine.Load(a =>
        {
            a.lgdt(__[0x9000]);
            a.mov(eax, cr0);
            a.or(eax, 1);
            a.mov(cr0, eax);
            a.jmp(BareMachine.KernelCode32, 0xA000);
        }, 0x8000, bitness: 16);
        Machine.Load(a =>
        {
            a.mov(eax, BareMachine.KernelData);
            a.mov(ds, ax);
            a.mov(ss, ax);
            a.mov(esp, (int)BareMachine.Stack);
            a.mov(eax, 0x20);
            a.mov(cr4, eax);
            a.mov(eax, (int)BareMachine.Pml4);
            a.mov(cr3, eax);
            a.mov(ecx, unchecked((int)0xC000_0080));
            a.rdmsr();
            a.or(eax, 0x100);
            a.wrmsr();
            a.mov(eax, cr0);
            a.or(eax, unchecked((int)0x8000_0000));
            a.mov(cr0, eax);
            a.jmp(BareMachine.KernelCode, 0xB000);
        }, 0xA000, bitness: 32);
        Machine.Load(a =>
        {
            a.mov(rax, 0x1122_3344_5566_7788);
            a.push(rax);
            a.pop(rbx);
            a.hlt();
        }, 0xB000);
        Machine.RunToHalt();
        Assert.That(state.Efer & ControlBits.EferLma, Is.Not.Zero);
        Assert.That(Machine.Gpr(GeneralRegister.Rbx), Is.EqualTo(0x1122_3344_5566_7788));
        Assert.That(state.Rip, Is.EqualTo(0xB000 + 13));
    }

    [Test]
    public void Real_mode_goes_through_the_vector_table()
    {
        StartOver(_ => { }); // as the processor leaves reset
        ref CpuState state = ref Machine.State;
        state.Segments[(int)SegmentIndex.Cs].Base = 0x8000;
        state.Segments[(int)SegmentIndex.Cs].Selector = 0x800;
        state.Rip = 0;
        Machine.SetGpr(GeneralRegister.Rsp, 0x7000);
        Machine.Memory.Write(0x21UL * 4, 0x0900_0010u);
        Machine.Load(a =>
        {
            a.@int(0x21);
            a.hlt();
        }, 0x8000, bitness: 16);
        Machine.Load(a =>
        {
            a.mov(bx, 0x77);
            a.iret();
        }, 0x9010, bitness: 16);
        Machine.RunToHalt();
        Assert.That(Machine.Gpr(GeneralRegister.Rbx), Is.EqualTo(0x77));
        Assert.That(state.Rip, Is.EqualTo(3));
        Assert.That(Machine.Rsp, Is.EqualTo(0x7000));
    }

    private uint Word(int index) => Machine.Memory.Read<uint>(Machine.Rsp + (4 * (ulong)index));

    private void PrepareTask(uint eip)
    {
        Machine.Memory.Write(BareMachine.Gdt + 0x58, 103UL | ((ulong)(SecondTask & 0xFF_FFFF) << 16) | (0x89UL << 40));
        Machine.Memory.Write(SecondTask + 32UL, eip);
        Machine.Memory.Write(SecondTask + 36UL, 2u);
        Machine.Memory.Write(SecondTask + 52UL, 3u); // EBX
        Machine.Memory.Write(SecondTask + 56UL, 0x3_A000u); // ESP
        foreach (uint offset in (uint[])[72, 80, 84, 88, 92])
            Machine.Memory.Write(SecondTask + offset, (uint)BareMachine.KernelData);
        Machine.Memory.Write(SecondTask + 76UL, (uint)BareMachine.KernelCode);
    }
}
