namespace Emu.Core.Tests.Devices;

/// <summary>Scenarios of the MC146818A data sheet.</summary>
public sealed class RtcTests
{
    private const ulong Second = 1_000_000_000;

    [TestCase(0L, 0x19, 0x70, 0x01, 0x01, 0x00, 0x00, 0x00, 5)]
    [TestCase(951_782_399L, 0x20, 0x00, 0x02, 0x28, 0x23, 0x59, 0x59, 2)]
    [TestCase(951_782_400L, 0x20, 0x00, 0x02, 0x29, 0x00, 0x00, 0x00, 3)]
    [TestCase(1_767_225_600L, 0x20, 0x26, 0x01, 0x01, 0x00, 0x00, 0x00, 5)]
    [TestCase(4_107_542_399L, 0x21, 0x00, 0x02, 0x28, 0x23, 0x59, 0x59, 1)]
    public void The_epoch_is_shown_as_date_and_time(long epoch, int century, int year, int month, int day, int hour, int minute, int second, int weekday)
    {
        using var rig = new Rig(Rig.Small with { RtcEpoch = epoch });
        int[] shown = [Read(rig, 0x32), Read(rig, 9), Read(rig, 8), Read(rig, 7), Read(rig, 4), Read(rig, 2), Read(rig, 0), Read(rig, 6)];
        Assert.That(shown, Is.EqualTo(new[] { century, year, month, day, hour, minute, second, weekday }));
    }

    [Test]
    public void Time_goes_on_with_the_ticks()
    {
        using var rig = new Rig();
        rig.Advance(3661 * Second + 1);
        Assert.That((Read(rig, 4), Read(rig, 2), Read(rig, 0)), Is.EqualTo((1, 1, 1)));
    }

    [Test]
    public void Twelve_hour_and_binary_modes_are_shown()
    {
        using var rig = new Rig();
        Write(rig, 11, 0x04); // binary, 12 hours
        Assert.That(Read(rig, 4), Is.EqualTo(12), "midnight");
        rig.Advance(13 * 3600 * Second);
        Assert.That(Read(rig, 4), Is.EqualTo(0x81));
    }

    [Test]
    public void The_clock_is_set_while_SET_stops_it()
    {
        using var rig = new Rig();
        Write(rig, 11, 0x82);
        Write(rig, 4, 0x23);
        Write(rig, 2, 0x59);
        Write(rig, 0, 0x58);
        rig.Advance(10 * Second);
        Assert.That(Read(rig, 0), Is.EqualTo(0x58));
        Write(rig, 11, 0x02);
        rig.Advance(2 * Second);
        Assert.That((Read(rig, 4), Read(rig, 2), Read(rig, 0), Read(rig, 7)), Is.EqualTo((0, 0, 0, 2)));
    }

    [Test]
    public void UIP_rises_before_the_update()
    {
        using var rig = new Rig();
        rig.Advance(Second - 300_000);
        Assert.That(Read(rig, 10) & 0x80, Is.Zero);
        rig.Advance(100_000);
        Assert.That(Read(rig, 10) & 0x80, Is.EqualTo(0x80));
        rig.Advance(200_000);
        Assert.That(Read(rig, 10) & 0x80, Is.Zero);
    }

    [Test]
    public void Periodic_interrupts_come_at_1024_Hz_once_C_is_read()
    {
        using var rig = new Rig();
        Write(rig, 11, 0x42);
        int count = 0;
        for (ulong end = rig.Now + Second; rig.Now < end;)
        {
            rig.Advance(Math.Min(rig.Machine.Events.NextTick, end) - rig.Now);
            if (!rig.Machine.Interrupts.Level(8))
                continue;
            Assert.That(Read(rig, 12) & 0xC0, Is.EqualTo(0xC0));
            Assert.That(rig.Machine.Interrupts.Level(8), Is.False);
            count++;
        }

        Assert.That(count, Is.EqualTo(1024));
    }

    [Test]
    public void The_alarm_interrupts_when_its_time_comes()
    {
        using var rig = new Rig();
        Write(rig, 1, 0x05);
        Write(rig, 3, 0xFF);
        Write(rig, 5, 0xFF);
        Write(rig, 11, 0x22);
        rig.Advance(5 * Second - 1);
        Assert.That(rig.Machine.Interrupts.Level(8), Is.False);
        rig.Advance(1);
        Assert.That(rig.Machine.Interrupts.Level(8), Is.True);
        Assert.That(Read(rig, 12) & 0xB0, Is.EqualTo(0xB0));
    }

    [Test]
    public void Update_flags_are_found_without_an_interrupt()
    {
        using var rig = new Rig();
        Read(rig, 12);
        rig.Advance(Second);
        Assert.That(Read(rig, 12) & 0x10, Is.EqualTo(0x10));
        Assert.That(Read(rig, 12) & 0x10, Is.Zero);
    }

    [Test]
    public void CMOS_keeps_bytes_and_knows_the_memory_size()
    {
        using var rig = new Rig(Rig.Small with { MemorySize = 32 << 20 });
        Write(rig, 0x40, 0x5A);
        Assert.That(Read(rig, 0x40), Is.EqualTo(0x5A));
        Assert.That(Read(rig, 0x30) | Read(rig, 0x31) << 8, Is.EqualTo(31 * 1024));
        Assert.That(Read(rig, 0x34) | Read(rig, 0x35) << 8, Is.EqualTo(16 * 16));
    }

    private static int Read(Rig rig, int register)
    {
        rig.Out(0x70, register);
        return rig.In(0x71);
    }

    private static void Write(Rig rig, int register, int value)
    {
        rig.Out(0x70, register);
        rig.Out(0x71, value);
    }
}
