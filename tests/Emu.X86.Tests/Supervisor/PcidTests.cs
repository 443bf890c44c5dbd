using Emu.X86.State;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>CR4.PCIDE, CR3 with a process-context identifier, INVPCID (SDM 3A 4.10.1, SDM 2A), and MSRs that are not there.</summary>
public sealed class PcidTests() : BareMachineTests(machine => machine.EnterLongMode())
{
    private const ulong NotCanonical = 0x8000_0000_0000;

    [TestCase(0UL, 5UL, 0UL, true, true)]
    [TestCase(0UL, 5UL, NotCanonical, true, false)]
    [TestCase(0UL, 0UL, 0UL, false, true)]
    [TestCase(0UL, 5UL, 0UL, false, false, TestName = "A_PCID_without_PCIDE")]
    [TestCase(1UL, 5UL, NotCanonical, true, true, TestName = "Only_type_0_looks_at_the_address")]
    [TestCase(1UL, 5UL, 0UL, false, false)]
    [TestCase(1UL, 0x1000UL, 0UL, true, false)]
    [TestCase(2UL, 5UL, NotCanonical, false, true)]
    [TestCase(2UL, 0x1000UL, 0UL, true, false, TestName = "Reserved_bits_count_for_every_type")]
    [TestCase(3UL, 5UL, 0UL, true, true)]
    [TestCase(4UL, 0UL, 0UL, true, false)]
    [TestCase(1UL << 32, 0UL, 0UL, true, false, TestName = "The_type_is_64_bits_wide")]
    public void INVPCID(ulong type, ulong pcid, ulong address, bool enabled, bool allowed)
    {
        Machine.Memory.Write(BareMachine.Page, pcid);
        Machine.Memory.Write(BareMachine.Page + 8, address);
        Machine.SetGpr(GeneralRegister.Rax, type);
        if (enabled)
            Machine.State.Cr4 |= ControlBits.Cr4Pcide;
        Machine.Load(a =>
        {
            a.invpcid(rax, __xmmword_ptr[BareMachine.Page]);
            a.hlt();
        });
        Machine.RunToHalt();
        AssertAllowed(allowed);
    }

    [TestCase(0UL, true)]
    [TestCase(5UL, false, TestName = "PCIDE_needs_a_CR3_without_an_identifier")]
    public void Setting_PCIDE(ulong low, bool allowed)
    {
        Machine.State.Cr3 |= low;
        Machine.SetGpr(GeneralRegister.Rax, Machine.State.Cr4 | ControlBits.Cr4Pcide);
        Machine.Load(a =>
        {
            a.mov(cr4, rax);
            a.hlt();
        });
        Machine.RunToHalt();
        AssertAllowed(allowed);
    }

    [Test]
    public void PCIDE_is_refused_outside_long_mode()
    {
        StartOver(machine => machine.EnterProtectedMode());
        Machine.Load(a =>
        {
            a.mov(eax, (int)ControlBits.Cr4Pcide);
            a.mov(cr4, eax);
        }, bitness: 32);
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(13));
    }

    [Test]
    public void Bit_63_of_CR3_is_a_hint_with_PCIDE_and_reserved_without([Values] bool enabled)
    {
        if (enabled)
            Machine.State.Cr4 |= ControlBits.Cr4Pcide;
        Machine.SetGpr(GeneralRegister.Rax, BareMachine.Pml4 | 5 | (1UL << 63));
        Machine.Load(a =>
        {
            a.mov(cr3, rax);
            a.mov(rbx, cr3);
            a.hlt();
        });
        Machine.RunToHalt();
        if (enabled)
            Assert.That(Machine.Gpr(GeneralRegister.Rbx), Is.EqualTo(BareMachine.Pml4 | 5));
        else
            Assert.That(Machine.Vector, Is.EqualTo(13));
    }

    [Test]
    public void A_register_the_APIC_refuses_is_a_general_protection_fault([Values(0x802u, 0x80Eu, 0x83Fu, 0x8FFu)] uint msr, [Values] bool write)
    {
        Machine.SetGpr(GeneralRegister.Rcx, msr);
        Machine.Load(a =>
        {
            if (write)
                a.wrmsr();
            else
                a.rdmsr();
            a.hlt();
        });
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(13));
        Assert.That(Machine.Processor.Report.Counts.Keys, Is.EqualTo(new[] { $"{(write ? "WRMSR" : "RDMSR")} {msr:X}h" }));
    }

    private void AssertAllowed(bool allowed)
    {
        bool inHandler = Machine.State.Rip >= BareMachine.Handlers && Machine.State.Rip < BareMachine.Code;
        Assert.That(inHandler, Is.EqualTo(!allowed));
        if (inHandler)
            Assert.That(Machine.Vector, Is.EqualTo(13));
    }
}
