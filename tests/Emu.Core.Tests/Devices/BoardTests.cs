using Emu.Core.Irq;
using Emu.Core.Machine;

namespace Emu.Core.Tests.Devices;

/// <summary>The small devices of the board: debug ports, power management, watchdog.</summary>
public sealed class BoardTests
{
    private Rig _rig = null!;

    [SetUp]
    public void SetUp() => _rig = new Rig(Rig.Small with { WatchdogTicks = 2_000_000 });

    [TearDown]
    public void TearDown() => _rig.Dispose();

    [Test]
    public void The_debug_console_is_found_and_writes()
    {
        Assert.That(_rig.In(0xE9), Is.EqualTo(0xE9));
        foreach (byte value in "ow: panic\n"u8)
            _rig.Out(0xE9, value);
        Assert.That(_rig.Debug.Text, Is.EqualTo("ow: panic\n"));
    }

    [Test]
    public void A_write_to_debug_exit_stops_with_its_value()
    {
        _rig.Bus.WritePort(0xF4, 4, 0x31);
        Assert.That(_rig.Machine.Run(100), Is.EqualTo(new RunResult(StopReason.DebugExit, 0x31)));
        Assert.That(_rig.Machine.Run(100).Reason, Is.EqualTo(StopReason.Limit), "and the machine can go on");
    }

    [Test]
    public void FERR_is_latched_into_IRQ_13_until_port_F0_is_written()
    {
        ICoprocessorPins pins = _rig.Machine.Parts.Coprocessor;
        pins.SetFloatError(true);
        Assert.That(_rig.Machine.Interrupts.Level(13), Is.True);
        Assert.That(pins.IgnoreNumericError, Is.False);
        pins.SetFloatError(false);
        Assert.That(_rig.Machine.Interrupts.Level(13), Is.True, "latched");
        _rig.Out(0xF0, 0);
        Assert.That(_rig.Machine.Interrupts.Level(13), Is.False);
        Assert.That(pins.IgnoreNumericError, Is.False, "FERR# had gone");
    }

    [Test]
    public void Port_F0_asserts_IGNNE_as_long_as_FERR_is_there()
    {
        ICoprocessorPins pins = _rig.Machine.Parts.Coprocessor;
        pins.SetFloatError(true);
        _rig.Out(0xF0, 0xFF);
        Assert.That(_rig.Machine.Interrupts.Level(13), Is.False);
        Assert.That(pins.IgnoreNumericError, Is.True);
        pins.SetFloatError(true);
        Assert.That(_rig.Machine.Interrupts.Level(13), Is.False, "no edge");
        pins.SetFloatError(false);
        Assert.That(pins.IgnoreNumericError, Is.False);
    }

    [Test]
    public void S5_switches_the_power_off()
    {
        Assert.That(_rig.Bus.ReadPort(0x604, 2), Is.EqualTo(1), "always in ACPI mode");
        _rig.Bus.WritePort(0x604, 2, 5 << 10 | 1 << 13);
        Assert.That(_rig.Machine.Run(100).Reason, Is.EqualTo(StopReason.PowerOff));
    }

    [Test]
    public void The_power_button_raises_the_SCI_until_its_status_is_cleared()
    {
        _rig.Bus.WritePort(0x602, 2, 0x100);
        _rig.Machine.Inject(InputSource.PowerButton, default);
        _rig.Machine.Run(1);
        Assert.That(_rig.Machine.Interrupts.Level(7), Is.True);
        _rig.Bus.WritePort(0x600, 2, 0x100);
        Assert.That(_rig.Machine.Interrupts.Level(7), Is.False);
    }

    [Test]
    public void The_power_management_timer_counts_3_579545_MHz()
    {
        _rig.Advance(1_000_000_000);
        Assert.That(_rig.Bus.ReadPort(0x608, 4), Is.EqualTo(3_579_545));
    }

    [Test]
    public void The_watchdog_fires_exactly_its_time_after_the_last_user_mode()
    {
        _rig.Cpu.UserMode = true;
        _rig.Machine.Run(3_456_789);
        _rig.Cpu.UserMode = false;
        _rig.Machine.StopOnWatchdog = true;
        Assert.That(_rig.Machine.Run(100_000_000).Reason, Is.EqualTo(StopReason.Watchdog));
        Assert.That(_rig.Now, Is.EqualTo(5_456_789));
        _rig.Machine.StopOnWatchdog = false;
        _rig.Machine.Run(5_456_790);
        Assert.That(_rig.Cpu.Taken, Is.EqualTo(new[] { (5_456_789UL, (byte)2) }));
    }

    [Test]
    public void The_watchdog_leaves_user_mode_idle_and_an_early_boot_alone()
    {
        _rig.Machine.Run(20_000_000);
        Assert.That(_rig.Machine.Watchdog.FireCount, Is.Zero, "no user mode was seen yet");
        _rig.Cpu.Halted = true;
        _rig.Machine.Run(40_000_000);
        Assert.That(_rig.Machine.Watchdog.FireCount, Is.Zero);
        _rig.Cpu.Halted = false;
        _rig.Machine.Run(43_000_000);
        Assert.That(_rig.Machine.Watchdog.FireCount, Is.EqualTo(1));
        _rig.Machine.Run(45_000_000);
        Assert.That(_rig.Machine.Watchdog.FireCount, Is.EqualTo(2), "and again after the same time");
    }

    [TestCase(true, true, false)]
    [TestCase(true, false, false)]
    [TestCase(false, true, true)]
    public void The_watchdog_ends_a_stay_that_is_too_long(bool halted, bool interruptsEnabled, bool userMode)
    {
        using Rig rig = new(Rig.Small with { WatchdogStayTicks = 5_000_000 });
        rig.Machine.StopOnWatchdog = true;
        Assert.That(rig.Machine.Run(20_000_000).Reason, Is.EqualTo(StopReason.Limit), "the kernel may run as long as it likes");
        rig.Cpu.UserMode = true;
        rig.Machine.Run(21_000_000);
        rig.Cpu.UserMode = userMode;
        rig.Cpu.InterruptsEnabled = interruptsEnabled;
        rig.Cpu.Halted = halted;
        Assert.That(rig.Machine.Run(100_000_000).Reason, Is.EqualTo(StopReason.Watchdog));
        Assert.That(rig.Now, Is.InRange(25_000_000, 31_000_000));
        Assert.That(rig.Machine.Run(rig.Now + 1).Reason, Is.EqualTo(StopReason.Limit));
        Assert.That((rig.Cpu.Halted, rig.Cpu.Taken.Single().Vector), Is.EqualTo((false, (byte)2)));
    }

    [Test]
    public void A_machine_that_wakes_up_in_time_may_be_idle()
    {
        using Rig rig = new(Rig.Small with { WatchdogStayTicks = 5_000_000 });
        rig.Machine.StopOnWatchdog = true;
        rig.Cpu.Halted = true;
        for (ulong wake = 3_000_000; wake < 60_000_000; wake += 3_000_000)
        {
            Assert.That(rig.Machine.Run(wake).Reason, Is.EqualTo(StopReason.Limit));
            rig.Cpu.Halted = false;
            rig.Machine.Run(wake + 10);
            rig.Cpu.Halted = true;
        }
    }
}
