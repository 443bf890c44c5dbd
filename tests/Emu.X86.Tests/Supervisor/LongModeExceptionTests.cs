using Emu.Core.Machine;
using Emu.X86.State;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>Exceptions of 64-bit code: vector, error code, saved frame, stacks, double and triple faults (SDM 3A 6).</summary>
public sealed class LongModeExceptionTests() : BareMachineTests(machine => machine.EnterLongMode())
{
    private static IEnumerable<TestCaseData> Faults()
    {
        yield return Case("divide error", 0, null, a => a.div(ecx));
        yield return Case("undefined opcode", 6, null, a => a.ud2());
        yield return Case("device not available", 7, null, a => a.movups(xmm0, xmm1), m =>
        {
            m.State.Cr0 |= ControlBits.Cr0Ts;
            m.Processor.DropCaches();
        });
        yield return Case("selector outside the GDT", 13, 0xFF8u + 0x1000, a => a.mov(ds, ax), m => m.SetGpr(GeneralRegister.Rax, 0x1FF8));
        yield return Case("segment not present", 11, 0x48, a => a.mov(ds, ax), m =>
        {
            m.Memory.Write(BareMachine.Gdt + 0x48, BareMachine.Flat(0xC013));
            m.SetGpr(GeneralRegister.Rax, 0x48);
        });
        yield return Case("stack segment not present", 12, 0x48, a => a.mov(ss, ax), m =>
        {
            m.Memory.Write(BareMachine.Gdt + 0x48, BareMachine.Flat(0xC013));
            m.SetGpr(GeneralRegister.Rax, 0x48);
        });
        yield return Case("write to a read-only page", 14, 3, a => a.mov(__dword_ptr[BareMachine.Page], eax), m => m.Memory.Write(BareMachine.Pt, BareMachine.Page | 5));
        yield return Case("read of an absent page", 14, 0, a => a.mov(eax, __dword_ptr[BareMachine.Page]), m => m.Memory.Write(BareMachine.Pt, 0UL));
        yield return Case("reserved bit", 14, 9, a => a.mov(eax, __dword_ptr[BareMachine.Page]), m => m.Memory.Write(BareMachine.Pt, BareMachine.Page | 7 | (1UL << 45)));
        yield return Case("non-canonical address", 13, 0, a => a.mov(rax, __[rcx]), m => m.SetGpr(GeneralRegister.Rcx, 1UL << 47));
        yield return Case("non-canonical stack", 12, 0, a => a.push(rax), m =>
        {
            m.SetGpr(GeneralRegister.Rsp, 1UL << 50);
            m.SetGate64(12, BareMachine.Handlers + (12 * 16), ist: 1);
        });
        yield return Case("unknown MSR", 13, 0, a => a.rdmsr(), m => m.SetGpr(GeneralRegister.Rcx, 0x1234_5678));
        yield return Case("wrong CR4 bit", 13, 0, a => a.mov(cr4, rax), m => m.SetGpr(GeneralRegister.Rax, 1 << 30));
    }

    [TestCaseSource(nameof(Faults))]
    public void A_fault_pushes_its_frame_and_points_at_the_instruction(int vector, uint? error, Action<Assembler> code, Action<BareMachine>? prepare)
    {
        prepare?.Invoke(Machine);
        Machine.Load(code);
        ulong rsp = Machine.Rsp;
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
        Assert.That(Machine.Vector, Is.EqualTo(vector));
        ulong frame = Machine.Rsp;
        if (error is { } expected)
        {
            Assert.That(Machine.Read(frame), Is.EqualTo((ulong)expected));
            frame += 8;
        }

        Assert.That(Machine.Read(frame), Is.EqualTo(BareMachine.Code), "RIP");
        Assert.That(Machine.Read(frame + 8), Is.EqualTo(BareMachine.KernelCode), "CS");
        Assert.That(Machine.Read(frame + 16) & Rflags.Rf, Is.Not.Zero, "RF");
        Assert.That(Machine.Read(frame + 24), Is.EqualTo(rsp), "RSP");
        Assert.That(Machine.State.InstructionCount, Is.EqualTo(1), "only the HLT retired");
    }

    /// <summary>The bytes up to the last canonical one are there, but the instruction would go on behind it: #GP, not a page fault for an address that cannot be mapped.</summary>
    [Test]
    public void An_instruction_that_would_end_behind_the_last_canonical_address_faults()
    {
        const ulong last = 0x7FFF_FFFF_FFFF;
        const ulong pdpt = 0x15_0000, pd = 0x16_0000, pt = 0x17_0000, page = 0x18_0000;
        Machine.Memory.Write(BareMachine.Pml4 + (255 * 8), pdpt | 3);
        Machine.Memory.Write(pdpt + (511 * 8), pd | 3);
        Machine.Memory.Write(pd + (511 * 8), pt | 3);
        Machine.Memory.Write(pt + (511 * 8), page | 3);
        Machine.Memory.Write(page + 0xFFE, (ushort)0x4890); // NOP, and the REX prefix of what does not follow
        Machine.Load(a => a.jmp(rax));
        Machine.SetGpr(GeneralRegister.Rax, last - 1);
        ulong rsp = Machine.Rsp;
        Assert.That(Machine.RunToHalt(), Is.EqualTo(RunExit.Halted));
        Assert.That(Machine.Vector, Is.EqualTo(13));
        Assert.That(Machine.Read(Machine.Rsp), Is.Zero, "error code");
        Assert.That(Machine.Read(Machine.Rsp + 8), Is.EqualTo(last), "RIP");
        Assert.That(Machine.Read(Machine.Rsp + 32), Is.EqualTo(rsp), "RSP");
        Assert.That(Machine.State.InstructionCount, Is.EqualTo(3), "the jump, the NOP and the HLT retired");
    }

    private static TestCaseData Case(string name, int vector, uint? error, Action<Assembler> code, Action<BareMachine>? prepare = null)
        => new TestCaseData(vector, error, code, prepare).SetArgDisplayNames(name);
}
