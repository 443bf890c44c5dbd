using Emu.X86.State;
using static Iced.Intel.AssemblerRegisters;

namespace Emu.X86.Tests.Supervisor;

/// <summary>Large pages of every kind, and the bits that must be zero in their entries (SDM 3A 4.3 to 4.5).</summary>
public sealed class LargePageTests() : BareMachineTests(machine => machine.EnterLongMode())
{
    private const ulong Gigabyte = 0x4000_0000;

    [Test]
    public void A_page_of_1_GiB()
    {
        Machine.Memory.Write(BareMachine.Pdpt + 8, 0x87UL);
        Machine.Load(a =>
        {
            a.mov(__dword_ptr[rbx], eax);
            a.mov(ecx, __dword_ptr[rbx + 4]);
            a.hlt();
        });
        Machine.Memory.Write(BareMachine.Page + 0x1238, 0xCAFEu);
        Machine.SetGpr(GeneralRegister.Rax, 0x1234_5678);
        Machine.SetGpr(GeneralRegister.Rbx, Gigabyte + BareMachine.Page + 0x1234);
        Machine.RunToHalt();
        Assert.That(Machine.Memory.Read<uint>(BareMachine.Page + 0x1234), Is.EqualTo(0x1234_5678));
        Assert.That(Machine.Gpr(GeneralRegister.Rcx), Is.EqualTo(0xCAFE));
        Assert.That(Machine.Read(BareMachine.Pdpt + 8) & 0x60, Is.EqualTo(0x60), "accessed and dirty");
        Machine.State.Rip = BareMachine.Code;
        Machine.State.Halted = 0;
        Machine.Memory.Write(BareMachine.Pdpt + 8, 0x83UL | Gigabyte); // another frame, where no RAM is
        Machine.RunToHalt();
        Assert.That(Machine.Bus.Writes[^1].Address, Is.EqualTo(Gigabyte + BareMachine.Page + 0x1234));
    }

    [TestCase(BareMachine.Pml4 + 8, BareMachine.Pdpt | 0x87UL, 0x80_0000_0000UL, true, TestName = "PS_in_a_PML4_entry_is_reserved")]
    [TestCase(BareMachine.Pdpt + 8, 0x10_0087UL, Gigabyte, true, TestName = "Bits_13_to_29_of_a_1_GiB_page_are_reserved")]
    [TestCase(BareMachine.Pdpt + 8, 0x1087UL, Gigabyte, false, TestName = "Bit_12_of_a_1_GiB_page_is_PAT")]
    [TestCase(BareMachine.Pd + 16, 0x2087UL, 0x40_0000UL, true, TestName = "Bits_13_to_20_of_a_2_MiB_page_are_reserved")]
    [TestCase(BareMachine.Pd + 16, 0x1087UL, 0x40_0000UL, false, TestName = "Bit_12_of_a_2_MiB_page_is_PAT")]
    [TestCase(BareMachine.Pt, BareMachine.Page | 0x87UL, BareMachine.Page, false, TestName = "Bit_7_of_a_4_KiB_page_is_PAT")]
    [TestCase(BareMachine.Pt, (1UL << 40) | 7, BareMachine.Page, true, TestName = "Bits_beyond_the_physical_address_are_reserved")]
    [TestCase(BareMachine.Pt, BareMachine.Page | (1UL << 51) | 7, BareMachine.Page, true, TestName = "Bit_51_is_reserved")]
    [TestCase(BareMachine.Pt, BareMachine.Page | (0x7FFUL << 52) | 0xE07, BareMachine.Page, false, TestName = "Bits_9_to_11_and_52_to_62_are_ignored")]
    public void Reserved_bits(ulong slot, ulong entry, ulong linear, bool reserved)
    {
        Machine.Memory.Write(slot, entry);
        Machine.SetGpr(GeneralRegister.Rbx, linear);
        Machine.Load(a =>
        {
            a.mov(rax, __qword_ptr[rbx]);
            a.hlt();
        });
        Machine.RunToHalt();
        if (!reserved)
        {
            Assert.That(Machine.State.Rip, Is.EqualTo(BareMachine.Code + 4));
            return;
        }

        Assert.That(Machine.Vector, Is.EqualTo(14));
        Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo(9), "present, reserved");
        Assert.That(Machine.State.Cr2, Is.EqualTo(linear));
        Assert.That(Machine.Read(slot) & 0x20, Is.Zero, "not accessed");
    }

    [Test]
    public void NX_is_reserved_without_NXE([Values] bool write, [Values] bool user)
    {
        Machine.State.Efer &= ~ControlBits.EferNxe;
        Machine.Memory.Write(BareMachine.Pt, BareMachine.Page | (1UL << 63) | 7);
        if (user)
            Machine.EnterUser();
        Machine.Load(a =>
        {
            if (write)
                a.mov(__byte_ptr[BareMachine.Page], al);
            else
                a.mov(al, __byte_ptr[BareMachine.Page]);
        });
        Machine.Processor.DropCaches();
        Machine.RunToHalt();
        Assert.That(Machine.Vector, Is.EqualTo(14));
        Assert.That(Machine.Read(Machine.Rsp), Is.EqualTo(9u | (write ? 2u : 0) | (user ? 4u : 0)));
    }

    [Test]
    public void A_4_MiB_page_reaches_40_physical_bits([Values] bool reserved)
    {
        StartOver(machine => machine.EnterProtectedMode());
        const uint directory = 0x5_0000;
        Machine.Memory.Write((ulong)directory, 0x83u);
        Machine.Memory.Write(directory + 4UL, 0x83u | (0x12u << 13) | 0x0080_0000 | (reserved ? 1u << 21 : 0)); // frame 12_0080_0000H
        Machine.State.Cr3 = directory;
        Machine.State.Cr4 = ControlBits.Cr4Pse;
        Machine.State.Cr0 |= ControlBits.Cr0Pg;
        Machine.Load(a =>
        {
            a.mov(__dword_ptr[0x40_0010], 5);
            a.hlt();
        }, bitness: 32);
        Machine.Processor.DropCaches();
        Machine.RunToHalt();
        if (reserved)
        {
            Assert.That(Machine.Vector, Is.EqualTo(14));
            Assert.That(Machine.Memory.Read<uint>(Machine.Rsp), Is.EqualTo(0xB), "present, write, reserved");
        }
        else
        {
            Assert.That(Machine.Bus.Writes, Is.EqualTo(new[] { (0UL, 0x12_0080_0010UL, 4, 5UL) }));
        }
    }
}
