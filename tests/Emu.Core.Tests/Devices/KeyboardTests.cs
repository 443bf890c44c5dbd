using Emu.Core.Machine;

namespace Emu.Core.Tests.Devices;

/// <summary>The 8042 as its drivers talk to it.</summary>
public sealed class KeyboardTests
{
    private Rig _rig = null!;

    [SetUp]
    public void SetUp() => _rig = new Rig();

    [TearDown]
    public void TearDown() => _rig.Dispose();

    [Test]
    public void The_self_test_passes()
    {
        _rig.Out(0x64, 0xAA);
        Assert.That((_rig.In(0x64) & 1, _rig.In(0x60), _rig.In(0x64) & 1), Is.EqualTo((1, (byte)0x55, 0)));
    }

    [Test]
    public void The_command_byte_is_written_and_read()
    {
        _rig.OutAll((0x64, 0x60), (0x60, 0x44), (0x64, 0x20));
        Assert.That(_rig.In(0x60), Is.EqualTo(0x44));
    }

    [Test]
    public void The_keyboard_answers_reset_and_identify()
    {
        _rig.OutAll((0x64, 0x60), (0x60, 0x05), (0x60, 0xFF));
        Assert.That((_rig.In(0x60), _rig.In(0x60)), Is.EqualTo(((byte)0xFA, (byte)0xAA)));
        _rig.Out(0x60, 0xF2);
        Assert.That((_rig.In(0x60), _rig.In(0x60), _rig.In(0x60)), Is.EqualTo(((byte)0xFA, (byte)0xAB, (byte)0x83)));
    }

    [Test]
    public void Each_scan_code_is_an_edge_on_IRQ_1()
    {
        _rig.InitialisePics();
        _rig.Machine.Inject(InputSource.Keyboard, new byte[] { 0x1E, 0x9E });
        _rig.Machine.Run(_rig.Now + 1);
        Assert.That(_rig.Cpu.Taken.Select(taken => taken.Vector), Is.EqualTo(new byte[] { 0x21 }));
        Assert.That(_rig.In(0x60), Is.EqualTo(0x1E));
        _rig.Out(0x20, 0x20);
        Assert.That(_rig.Machine.Pic.Acknowledge(), Is.EqualTo(0x21));
        Assert.That(_rig.In(0x60), Is.EqualTo(0x9E));
        Assert.That(_rig.Machine.Interrupts.Level(1), Is.False);
    }

    [Test]
    public void A_driver_that_looks_for_a_mouse_finds_none_without_waiting()
    {
        _rig.OutAll((0x64, 0xD3), (0x60, 0x5A));
        Assert.That(_rig.In(0x64) & 0x21, Is.EqualTo(0x21), "an answer from the mouse side");
        Assert.That(_rig.In(0x60), Is.Not.EqualTo(0x5A));
        Assert.That(_rig.In(0x64) & 0x21, Is.Zero);
        _rig.Out(0x64, 0xA9);
        Assert.That(_rig.In(0x60), Is.EqualTo(1), "clock line stuck");
    }

    [TestCase(0x64, 0xFE, TestName = "Pulsing_the_reset_line_resets")]
    [TestCase(0x92, 0x01, TestName = "Port_92_resets")]
    [TestCase(0xCF9, 0x06, TestName = "Port_CF9_resets")]
    public void Each_way_to_reset_is_an_event_people_see(int port, int value)
    {
        _rig.Out(port, value);
        Assert.That(_rig.Machine.Run(_rig.Now + 100).Reason, Is.EqualTo(StopReason.Reset));
    }
}
