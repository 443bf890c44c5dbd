using Emu.Core.Irq;

namespace Emu.Core.Tests.Devices;

/// <summary>Scenarios of the 8259A data sheet, through the ports of a PC.</summary>
public sealed class PicTests
{
    private Rig _rig = null!;

    [SetUp]
    public void SetUp()
    {
        _rig = new Rig();
        _rig.InitialisePics();
    }

    [TearDown]
    public void TearDown() => _rig.Dispose();

    [Test]
    public void An_edge_on_the_master_is_delivered_with_its_vector()
    {
        _rig.Machine.Pic.SetInput(1, true);
        Assert.That(_rig.Machine.Lapic.Pending, Is.True);
        Assert.That(_rig.Machine.Lapic.Acknowledge(), Is.EqualTo(0x21));
        Assert.That(_rig.Machine.Lapic.Pending, Is.False, "in service, and the edge is used up");
    }

    [Test]
    public void An_input_of_the_slave_comes_through_the_cascade()
    {
        _rig.Machine.Pic.SetInput(8, true);
        Assert.That(_rig.Machine.Pic.Acknowledge(), Is.EqualTo(0x28));
        _rig.Out(0x20, 0x0B);
        _rig.Out(0xA0, 0x0B);
        Assert.That((_rig.In(0x20), _rig.In(0xA0)), Is.EqualTo(((byte)0x04, (byte)0x01)), "both in service");
    }

    [Test]
    public void A_higher_priority_interrupts_a_lower_one_but_not_the_reverse()
    {
        _rig.Machine.Pic.SetInput(4, true);
        _rig.Machine.Pic.Acknowledge();
        _rig.Machine.Pic.SetInput(5, true);
        Assert.That(_rig.Machine.Pic.Intr, Is.False);
        _rig.Machine.Pic.SetInput(3, true);
        Assert.That(_rig.Machine.Pic.Acknowledge(), Is.EqualTo(0x23));
        _rig.Out(0x20, 0x20);
        Assert.That(_rig.Machine.Pic.Intr, Is.False, "IR4 still in service");
        _rig.Out(0x20, 0x20);
        Assert.That(_rig.Machine.Pic.Acknowledge(), Is.EqualTo(0x25));
    }

    [Test]
    public void A_withdrawn_request_is_answered_with_IR7_and_not_put_in_service()
    {
        _rig.Machine.Pic.SetInput(3, true);
        _rig.Machine.Pic.SetInput(3, false);
        Assert.That(_rig.Machine.Pic.Intr, Is.False);
        Assert.That(_rig.Machine.Pic.Acknowledge(), Is.EqualTo(0x27));
        _rig.Out(0x20, 0x0B);
        Assert.That(_rig.In(0x20), Is.Zero);
    }

    [Test]
    public void Masked_requests_wait()
    {
        _rig.Out(0x21, 0x02);
        _rig.Machine.Pic.SetInput(1, true);
        Assert.That(_rig.Machine.Pic.Intr, Is.False);
        Assert.That(_rig.In(0x20), Is.EqualTo(2), "IRR shows it");
        _rig.Out(0x21, 0);
        Assert.That(_rig.Machine.Pic.Acknowledge(), Is.EqualTo(0x21));
    }

    [Test]
    public void A_level_triggered_input_asks_again_until_it_falls()
    {
        _rig.Out(0x4D1, 0x02); // IRQ 9
        IIrqLine line = _rig.Machine.Interrupts.Attach(9);
        line.Set(true);
        Assert.That(_rig.Machine.Pic.Acknowledge(), Is.EqualTo(0x29));
        _rig.OutAll((0xA0, 0x20), (0x20, 0x20));
        Assert.That(_rig.Machine.Pic.Acknowledge(), Is.EqualTo(0x29));
        line.Set(false);
        _rig.OutAll((0xA0, 0x20), (0x20, 0x20));
        Assert.That(_rig.Machine.Pic.Intr, Is.False);
    }

    [Test]
    public void ELCR_keeps_the_inputs_of_the_board_edge_triggered()
    {
        _rig.OutAll((0x4D0, 0xFF), (0x4D1, 0xFF));
        Assert.That((_rig.In(0x4D0), _rig.In(0x4D1)), Is.EqualTo(((byte)0xF8, (byte)0xDE)));
    }

    [Test]
    public void Automatic_EOI_leaves_nothing_in_service()
    {
        _rig.OutAll((0x20, 0x11), (0x21, 0x20), (0x21, 4), (0x21, 3));
        _rig.Machine.Pic.SetInput(1, true);
        Assert.That(_rig.Machine.Pic.Acknowledge(), Is.EqualTo(0x21));
        _rig.Machine.Pic.SetInput(5, true);
        Assert.That(_rig.Machine.Pic.Acknowledge(), Is.EqualTo(0x25), "a lower priority is not held off");
    }

    [Test]
    public void Special_mask_mode_lets_lower_priorities_through_a_masked_service()
    {
        _rig.Machine.Pic.SetInput(1, true);
        _rig.Machine.Pic.Acknowledge();
        _rig.Machine.Pic.SetInput(5, true);
        Assert.That(_rig.Machine.Pic.Intr, Is.False);
        _rig.OutAll((0x21, 0x02), (0x20, 0x68));
        Assert.That(_rig.Machine.Pic.Acknowledge(), Is.EqualTo(0x25));
    }

    [Test]
    public void A_poll_acknowledges_and_names_the_input()
    {
        _rig.Machine.Pic.SetInput(6, true);
        _rig.Out(0x20, 0x0C);
        Assert.That(_rig.In(0x20), Is.EqualTo(0x86));
        Assert.That(_rig.Machine.Pic.Intr, Is.False);
    }

    [Test]
    public void Rotation_on_specific_EOI_makes_the_input_the_lowest()
    {
        _rig.Machine.Pic.SetInput(3, true);
        _rig.Machine.Pic.Acknowledge();
        _rig.Out(0x20, 0xE3);
        _rig.Machine.Pic.SetInput(3, false);
        _rig.Machine.Pic.SetInput(3, true);
        _rig.Machine.Pic.SetInput(4, true);
        Assert.That(_rig.Machine.Pic.Acknowledge(), Is.EqualTo(0x24));
    }

    [Test]
    public void Two_devices_on_one_line_keep_it_high_together()
    {
        IIrqLine first = _rig.Machine.Interrupts.Attach(4), second = _rig.Machine.Interrupts.Attach(4);
        first.Set(true);
        second.Set(true);
        first.Set(false);
        Assert.That(_rig.Machine.Interrupts.Level(4), Is.True);
        second.Set(false);
        Assert.That(_rig.Machine.Interrupts.Level(4), Is.False);
    }
}
