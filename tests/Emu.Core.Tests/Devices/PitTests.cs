using Emu.Core.Time;

namespace Emu.Core.Tests.Devices;

/// <summary>Scenarios of the 8254 data sheet; one clock is 1/1193182 s.</summary>
public sealed class PitTests
{
    private Rig _rig = null!;

    [SetUp]
    public void SetUp() => _rig = new Rig();

    [TearDown]
    public void TearDown() => _rig.Dispose();

    [Test]
    public void Edges_of_the_input_clock_never_drift()
    {
        Assert.That(Frequency.Pit.CountAt(1_000_000_000), Is.EqualTo(1_193_182));
        Assert.That(Frequency.Pit.CountAt(86_400_000_000_000), Is.EqualTo(1_193_182UL * 86_400));
        for (ulong clock = 1; clock < 3000; clock++)
        {
            ulong tick = Frequency.Pit.TickOf(clock);
            Assert.That((Frequency.Pit.CountAt(tick), Frequency.Pit.CountAt(tick - 1)), Is.EqualTo((clock, clock - 1)));
        }
    }

    [Test]
    public void Mode_2_raises_IRQ_0_once_a_period()
    {
        Program(0, 2, 11932); // 100 Hz
        int edges = CountEdges(100, 10_000_000);
        Assert.That(edges, Is.EqualTo(100).Within(1));
    }

    [Test]
    public void Mode_3_is_a_square_wave()
    {
        Program(2, 3, 1000);
        _rig.Out(0x61, 1);
        int high = 0;
        const int Samples = 2000;
        for (int i = 0; i < Samples; i++)
        {
            _rig.Advance(839);
            high += _rig.In(0x61) >> 5 & 1;
        }

        Assert.That(high, Is.EqualTo(Samples / 2).Within(5));
    }

    [Test]
    public void Mode_3_with_an_odd_count_is_high_one_clock_longer()
    {
        Program(2, 3, 5);
        _rig.Out(0x61, 1);
        var pattern = new List<int>();
        ulong first = Frequency.Pit.CountAt(_rig.Now) + 1; // the clock that loads
        for (ulong clock = first; clock < first + 10; clock++)
        {
            _rig.Advance(Frequency.Pit.TickOf(clock) - _rig.Now);
            pattern.Add(_rig.In(0x61) >> 5 & 1);
        }

        Assert.That(pattern, Is.EqualTo(new[] { 1, 1, 1, 0, 0, 1, 1, 1, 0, 0 }));
    }

    [Test]
    public void Mode_0_raises_OUT_n_plus_one_clocks_after_the_write()
    {
        ulong written = Frequency.Pit.CountAt(_rig.Now);
        Program(0, 0, 1000);
        Assert.That(_rig.Machine.Interrupts.Level(0), Is.False);
        Assert.That(_rig.Machine.Events.NextTick, Is.EqualTo(Frequency.Pit.TickOf(written + 1001)));
        _rig.Advance(Frequency.Pit.TickOf(written + 1001) - _rig.Now - 1);
        Assert.That(_rig.Machine.Interrupts.Level(0), Is.False);
        _rig.Advance(1);
        Assert.That(_rig.Machine.Interrupts.Level(0), Is.True);
        _rig.Advance(1_000_000_000);
        Assert.That(_rig.Machine.Interrupts.Level(0), Is.True, "one shot");
    }

    [Test]
    public void Mode_4_strobes_low_for_one_clock()
    {
        Program(0, 4, 100);
        Assert.That(_rig.Machine.Interrupts.Level(0), Is.True);
        _rig.Advance(Frequency.Pit.TickOf(101) - _rig.Now);
        Assert.That(_rig.Machine.Interrupts.Level(0), Is.False);
        _rig.Advance(Frequency.Pit.TickOf(102) - _rig.Now);
        Assert.That(_rig.Machine.Interrupts.Level(0), Is.True);
    }

    [Test]
    public void The_gate_of_counter_2_stops_and_starts_it()
    {
        // What kernels do to measure the TSC: gate low, mode 0, gate high, wait for OUT2.
        _rig.Out(0x61, 0);
        Program(2, 0, 11932);
        _rig.Advance(50_000_000);
        Assert.That(_rig.In(0x61) & 0x20, Is.Zero, "the gate is closed");
        _rig.Out(0x61, 1);
        ulong start = _rig.Now;
        while ((_rig.In(0x61) & 0x20) == 0)
            _rig.Advance(100);
        Assert.That(_rig.Now - start, Is.EqualTo(10_000_000UL).Within(10_000UL));
    }

    [Test]
    public void A_latched_count_stays_while_the_counter_goes_on()
    {
        Program(0, 2, 0xFFFF);
        _rig.Advance(1_000_000);
        _rig.Out(0x43, 0x00);
        _rig.Advance(1_000_000);
        int latched = _rig.In(0x40) | _rig.In(0x40) << 8;
        int live = _rig.In(0x40) | _rig.In(0x40) << 8;
        Assert.That(0xFFFF - latched, Is.EqualTo(1193).Within(2));
        Assert.That(0xFFFF - live, Is.EqualTo(2386).Within(2));
    }

    [Test]
    public void Read_back_gives_status_then_count()
    {
        Program(0, 2, 1000);
        _rig.Advance(10_000);
        _rig.Out(0x43, 0xC2);
        Assert.That(_rig.In(0x40), Is.EqualTo(0xB4), "OUT high, count loaded, low then high byte, mode 2");
        int count = _rig.In(0x40) | _rig.In(0x40) << 8;
        Assert.That(count, Is.EqualTo(989).Within(2));
    }

    [Test]
    public void A_new_count_in_mode_2_waits_for_the_end_of_the_period()
    {
        Program(0, 2, 1000);
        _rig.Advance(100_000);
        _rig.OutAll((0x40, 0x10), (0x40, 0x27)); // 10000
        int soon = CountEdges(1, 800_000);
        Assert.That(soon, Is.EqualTo(1), "the running period ends in its time");
        Assert.That(CountEdges(1, 8_000_000), Is.Zero, "the next one is longer");
    }

    [Test]
    public void BCD_counts_in_decimal()
    {
        _rig.OutAll((0x43, 0x31), (0x40, 0x34), (0x40, 0x12)); // 1234
        _rig.Advance(Frequency.Pit.TickOf(101) - _rig.Now);
        Assert.That(_rig.In(0x40) | _rig.In(0x40) << 8, Is.EqualTo(0x1134));
    }

    private void Program(int counter, int mode, int count) =>
        _rig.OutAll((0x43, counter << 6 | 0x30 | mode << 1), (0x40 + counter, count & 0xFF), (0x40 + counter, count >> 8));

    private int CountEdges(int periods, ulong ticks)
    {
        int edges = 0;
        bool level = _rig.Machine.Interrupts.Level(0);
        ulong end = _rig.Now + (ulong)periods * ticks;
        while (_rig.Now < end)
        {
            _rig.Advance(Math.Min(_rig.Machine.Events.NextTick, end) - _rig.Now);
            bool now = _rig.Machine.Interrupts.Level(0);
            if (now && !level)
                edges++;
            level = now;
        }

        return edges;
    }
}
