using Emu.Core.Devices.Lapic;
using Emu.Core.Irq;

namespace Emu.Core.Tests.Devices;

/// <summary>Scenarios of SDM 3A, chapter 11.</summary>
public sealed class LocalApicTests
{
    private const uint Tpr = 0x80, Ppr = 0xA0, Eoi = 0xB0, Svr = 0xF0, Isr = 0x100, Irr = 0x200, Esr = 0x280, IcrLow = 0x300, IcrHigh = 0x310;
    private const uint LvtTimer = 0x320, Lint0 = 0x350, Lint1 = 0x360, LvtError = 0x370, Initial = 0x380, Current = 0x390, Divide = 0x3E0;
    private const uint TscDeadline = 0x6E0;

    private Rig _rig = null!;

    private LocalApic Apic => _rig.Machine.Lapic;

    [SetUp]
    public void SetUp() => _rig = new Rig();

    [TearDown]
    public void TearDown() => _rig.Dispose();

    [Test]
    public void In_reset_state_interrupts_of_the_8259_pair_pass()
    {
        _rig.InitialisePics();
        _rig.Machine.Pic.SetInput(4, true);
        Assert.That((Apic.Pending, Apic.Acknowledge()), Is.EqualTo((true, (byte)0x24)));
        Assert.That(_rig.ReadApic(Svr) & 0x100, Is.Zero, "software-disabled all the while");
    }

    [Test]
    public void A_masked_LINT0_holds_them_off_and_a_disabled_APIC_lets_them_through()
    {
        _rig.InitialisePics();
        _rig.WriteApic(Svr, 0x1FF);
        _rig.WriteApic(Lint0, 0x10700);
        _rig.Machine.Pic.SetInput(4, true);
        Assert.That(Apic.Pending, Is.False);
        Assert.That(Apic.TryWriteMsr(0x1B, 0xFEE0_0100), Is.True);
        Assert.That(Apic.Pending, Is.True);
        Assert.That(Apic.MmioBase, Is.EqualTo(ulong.MaxValue));
    }

    [Test]
    public void Software_disabling_masks_every_entry()
    {
        Enable();
        _rig.WriteApic(Lint0, 0x700);
        _rig.WriteApic(Svr, 0xFF);
        Assert.That(_rig.ReadApic(Lint0), Is.EqualTo(0x10700));
        _rig.WriteApic(Lint0, 0x700);
        Assert.That(_rig.ReadApic(Lint0), Is.EqualTo(0x10700), "and keeps them so");
    }

    [Test]
    public void NMI_comes_by_LINT1()
    {
        Apic.Lint1.Set(true);
        Assert.That((Apic.TakeNmi(), Apic.TakeNmi()), Is.EqualTo((true, false)), "one edge, one NMI");
        Apic.Lint1.Set(false);
        Enable();
        _rig.WriteApic(Lint1, 0x10400);
        Apic.Lint1.Set(true);
        Assert.That(Apic.NmiPending, Is.False, "masked");
    }

    [Test]
    public void Priorities_follow_the_class_of_the_vector()
    {
        Enable();
        Ipi(0x45);
        Ipi(0x61);
        Assert.That(Apic.Acknowledge(), Is.EqualTo(0x61));
        Assert.That(Apic.Pending, Is.False, "45H is of a lower class than what is in service");
        Ipi(0x6F);
        Assert.That(Apic.Pending, Is.False, "same class");
        Ipi(0x71);
        Assert.That(Apic.Acknowledge(), Is.EqualTo(0x71));
        Assert.That(_rig.ReadApic(Ppr), Is.EqualTo(0x70));
        _rig.WriteApic(Eoi, 0);
        _rig.WriteApic(Eoi, 0);
        Assert.That(Apic.Acknowledge(), Is.EqualTo(0x6F));
        _rig.WriteApic(Eoi, 0);
        Assert.That(Apic.Acknowledge(), Is.EqualTo(0x45));
        Assert.That(_rig.ReadApic(Isr + 0x20), Is.EqualTo(1U << 5));
    }

    [Test]
    public void The_task_priority_holds_off_its_class_and_below()
    {
        Enable();
        Ipi(0x35);
        Apic.TaskPriority = 3;
        Assert.That(Apic.Pending, Is.False);
        Assert.That(_rig.ReadApic(Tpr), Is.EqualTo(0x30));
        Assert.That(_rig.ReadApic(Irr + 0x10), Is.EqualTo(1U << 21));
        Apic.TaskPriority = 2;
        Assert.That(Apic.Pending, Is.True);
    }

    [Test]
    public void The_one_shot_timer_fires_once_at_its_tick()
    {
        Enable();
        _rig.WriteApic(Divide, 3); // by 16
        _rig.WriteApic(LvtTimer, 0x40);
        _rig.Advance(1000);
        _rig.WriteApic(Initial, 100);
        _rig.Advance(800);
        Assert.That(_rig.ReadApic(Current), Is.EqualTo(50));
        _rig.Advance(799);
        Assert.That(Apic.Pending, Is.False);
        _rig.Advance(1);
        Assert.That((Apic.Pending, _rig.ReadApic(Current)), Is.EqualTo((true, 0u)));
        Apic.Acknowledge();
        _rig.WriteApic(Eoi, 0);
        _rig.Advance(100_000);
        Assert.That(Apic.Pending, Is.False);
    }

    [Test]
    public void The_periodic_timer_keeps_its_phase()
    {
        Enable();
        _rig.WriteApic(Divide, 0xB); // by 1
        _rig.WriteApic(LvtTimer, 0x2_0040);
        _rig.WriteApic(Initial, 1000);
        ulong start = _rig.Now;
        for (ulong period = 1; period <= 5; period++)
        {
            Assert.That(_rig.Machine.Events.NextTick, Is.EqualTo(start + period * 1000));
            _rig.Advance(1000);
            Assert.That(Apic.Acknowledge(), Is.EqualTo(0x40));
            _rig.WriteApic(Eoi, 0);
        }
    }

    [Test]
    public void The_deadline_timer_fires_at_its_tick_and_disarms()
    {
        Enable();
        _rig.WriteApic(LvtTimer, 0x4_0041);
        Assert.That(Apic.TryWriteMsr(TscDeadline, 5000), Is.True);
        Assert.That(Apic.TryReadMsr(TscDeadline, out ulong armed) ? armed : 0, Is.EqualTo(5000));
        _rig.Advance(4999);
        Assert.That(Apic.Pending, Is.False);
        _rig.Advance(1);
        Assert.That(Apic.Acknowledge(), Is.EqualTo(0x41));
        Apic.TryReadMsr(TscDeadline, out ulong after);
        Assert.That(after, Is.Zero);
        _rig.WriteApic(Eoi, 0);
        Apic.TryWriteMsr(TscDeadline, 100);
        Assert.That(Apic.Pending, Is.True, "a deadline in the past fires at once");
    }

    [Test]
    public void Leaving_deadline_mode_disarms()
    {
        Enable();
        _rig.WriteApic(LvtTimer, 0x4_0041);
        Apic.TryWriteMsr(TscDeadline, 5000);
        _rig.WriteApic(LvtTimer, 0x41);
        _rig.Advance(10_000);
        Assert.That(Apic.Pending, Is.False);
        Apic.TryWriteMsr(TscDeadline, 50_000);
        Apic.TryReadMsr(TscDeadline, out ulong value);
        Assert.That(value, Is.Zero, "ignored in other modes");
    }

    [Test]
    public void X2Apic_is_entered_through_xApic_and_left_only_by_disabling()
    {
        Assert.That(Apic.TryReadMsr(0x802, out _), Is.False);
        Assert.That(Apic.TryWriteMsr(0x1B, 0xFEE0_0D00), Is.True);
        Assert.That(Apic.MmioBase, Is.EqualTo(ulong.MaxValue));
        Assert.That(Apic.TryWriteMsr(0x1B, 0xFEE0_0900), Is.False, "back to xAPIC");
        Assert.That(Apic.TryWriteMsr(0x1B, 0xFEE0_0500), Is.False, "EXTD without EN");
        Assert.That(Apic.TryWriteMsr(0x1B, 0xFEE0_0100), Is.True);
        Assert.That(Apic.TryWriteMsr(0x1B, 0xFEE0_0D00), Is.False, "not directly from disabled");
    }

    [Test]
    public void X2Apic_registers_are_MSRs_with_reserved_bits()
    {
        EnterX2Apic();
        Assert.That(Apic.TryWriteMsr(0x80F, 0x1FF), Is.True);
        Assert.That(Apic.TryReadMsr(0x80D, out ulong ldr) ? ldr : 0, Is.EqualTo(1));
        Assert.That(Apic.TryWriteMsr(0x83F, 0x55), Is.True, "self IPI");
        Assert.That(Apic.Acknowledge(), Is.EqualTo(0x55));
        Assert.That(Apic.TryWriteMsr(0x80B, 1), Is.False, "EOI takes only 0");
        Assert.That(Apic.TryWriteMsr(0x80B, 0), Is.True);
        Assert.That(Apic.TryWriteMsr(0x808, 0x100), Is.False);
        Assert.That(Apic.TryWriteMsr(0x802, 0), Is.False, "read only");
        Assert.That(Apic.TryReadMsr(0x80B, out _), Is.False, "write only");
        Assert.That(Apic.TryReadMsr(0x80E, out _), Is.False, "no DFR");
        Assert.That(Apic.TryWriteMsr(0x830, 0x0000_0000_0000_0061), Is.True, "ICR in one write");
        Assert.That(Apic.Acknowledge(), Is.EqualTo(0x61));
    }

    [Test]
    public void IPIs_to_others_go_nowhere_and_INIT_to_oneself_is_ignored()
    {
        Enable();
        _rig.WriteApic(IcrHigh, 0x0100_0000);
        _rig.WriteApic(IcrLow, 0x4055);
        _rig.WriteApic(IcrLow, 0xC0055); // all excluding self
        Assert.That(Apic.Pending, Is.False);
        _rig.WriteApic(IcrLow, 0x4_4500); // INIT to self
        _rig.WriteApic(IcrLow, 0x4_4400); // NMI to self
        Assert.That((Apic.Pending, Apic.NmiPending), Is.EqualTo((false, true)));
    }

    [Test]
    public void Illegal_vectors_and_registers_are_errors()
    {
        Enable();
        _rig.WriteApic(LvtError, 0xFE);
        Ipi(0x0F);
        Assert.That(Apic.Acknowledge(), Is.EqualTo(0xFE));
        Assert.That(_rig.ReadApic(Esr), Is.Zero, "shown after a write");
        _rig.ReadApic(0x3A0);
        _rig.WriteApic(Esr, 0);
        Assert.That(_rig.ReadApic(Esr), Is.EqualTo(0xA0));
    }

    [Test]
    public void The_page_moves_with_its_base()
    {
        Assert.That(Apic.TryWriteMsr(0x1B, 0xFE00_0900), Is.True);
        Assert.That(_rig.Bus.ReadMmio(0xFE00_0030, 4), Is.EqualTo(0x0005_0014));
        Assert.That(_rig.Bus.ReadMmio(0xFEE0_0030, 4), Is.EqualTo(0xFFFF_FFFF), "nothing left behind");
    }

    [Test]
    public void An_edge_and_a_level_interrupt_of_the_IO_APIC_arrive_and_end()
    {
        Enable();
        WriteRedirection(5, 0x0000_8055); // level
        WriteRedirection(2, 0x0000_0030); // edge: IRQ 0
        IIrqLine level = _rig.Machine.Interrupts.Attach(5), edge = _rig.Machine.Interrupts.Attach(0);
        level.Set(true);
        Assert.That(Apic.Acknowledge(), Is.EqualTo(0x55));
        Assert.That(ReadRedirection(5) & 0x4000, Is.EqualTo(0x4000), "remote IRR");
        Assert.That(Apic.Pending, Is.False);
        _rig.WriteApic(Eoi, 0);
        Assert.That(Apic.Acknowledge(), Is.EqualTo(0x55), "still asserted");
        level.Set(false);
        _rig.WriteApic(Eoi, 0);
        Assert.That((Apic.Pending, ReadRedirection(5) & 0x4000), Is.EqualTo((false, 0u)));
        edge.Set(true);
        Assert.That(Apic.Acknowledge(), Is.EqualTo(0x30), "IRQ 0 is pin 2");
        _rig.WriteApic(Eoi, 0);
        Assert.That(Apic.Pending, Is.False);
    }

    [Test]
    public void The_IO_APIC_honours_masks_polarity_and_destinations()
    {
        Enable();
        WriteRedirection(9, 0x1_A055); // masked, level, active low: asserted now
        Assert.That(Apic.Pending, Is.False);
        WriteRedirection(9, 0x0_A055);
        Assert.That(Apic.Pending, Is.True);
        Apic.Acknowledge();
        IIrqLine line = _rig.Machine.Interrupts.Attach(10);
        WriteRedirection(10, 0x61, destination: 3);
        line.Set(true);
        _rig.WriteApic(Eoi, 0);
        Assert.That(_rig.ReadApic(Irr + 0x30), Is.Zero, "for another processor");
    }

    private void Enable() => _rig.WriteApic(Svr, 0x1FF);

    private void EnterX2Apic() => Assert.That(Apic.TryWriteMsr(0x1B, 0xFEE0_0D00), Is.True);

    private void Ipi(byte vector) => _rig.WriteApic(IcrLow, 0x4_4000u | vector);

    private void WriteRedirection(uint pin, uint low, uint destination = 0)
    {
        _rig.Bus.WriteMmio(0xFEC0_0000, 4, 0x11 + 2 * pin);
        _rig.Bus.WriteMmio(0xFEC0_0010, 4, destination << 24);
        _rig.Bus.WriteMmio(0xFEC0_0000, 4, 0x10 + 2 * pin);
        _rig.Bus.WriteMmio(0xFEC0_0010, 4, low);
    }

    private uint ReadRedirection(uint pin)
    {
        _rig.Bus.WriteMmio(0xFEC0_0000, 4, 0x10 + 2 * pin);
        return (uint)_rig.Bus.ReadMmio(0xFEC0_0010, 4);
    }
}
