using System.Text;
using CsCheck;
using Emu.Core.Machine;

namespace Emu.Core.Tests.Machine;

/// <summary>The run loop: limits, idle time, inputs, and that runs can be cut anywhere.</summary>
public sealed class RunTests
{
    [Test]
    public void A_run_ends_exactly_at_its_limit()
    {
        using var rig = new Rig();
        Assert.That(rig.Machine.Run(12_345), Is.EqualTo(new RunResult(StopReason.Limit)));
        Assert.That((rig.Now, rig.Cpu.InstructionCount), Is.EqualTo((12_345UL, 12_345UL)));
    }

    [Test]
    public void Idle_time_jumps_to_the_next_event_and_counts_no_instruction()
    {
        using var rig = new Rig();
        ArmTimer(rig, 1_000_000);
        rig.Cpu.Halted = true;
        rig.Machine.Run(1_000_110);
        Assert.That(rig.Cpu.Taken, Is.EqualTo(new[] { (1_000_000UL, (byte)0x40) }));
        Assert.That(rig.Cpu.InstructionCount, Is.EqualTo(110));
    }

    [Test]
    public void Idle_for_ever_is_told_and_an_input_wakes()
    {
        using var rig = new Rig();
        rig.InitialisePics();
        rig.OutAll((0x3FC, 0x0B), (0x3F9, 1));
        rig.Cpu.Halted = true;
        Assert.That(rig.Machine.Run(ulong.MaxValue).Reason, Is.EqualTo(StopReason.Idle));
        rig.Machine.Inject(InputSource.Serial0, "x"u8.ToArray());
        rig.Machine.Run(10_000_000);
        Assert.That(rig.Cpu.Taken.Select(taken => taken.Vector), Is.EqualTo(new byte[] { 0x24 }));
    }

    [Test]
    public void HLT_with_interrupts_disabled_is_the_end()
    {
        using var rig = new Rig();
        ArmTimer(rig, 1000);
        rig.Cpu.InterruptsEnabled = false;
        rig.Cpu.Halted = true;
        Assert.That(rig.Machine.Run(1_000_000).Reason, Is.EqualTo(StopReason.Halted));
    }

    [Test]
    public void A_future_input_arrives_at_its_tick_and_is_journalled_first()
    {
        using var rig = new Rig();
        var journal = new Journal();
        rig.Machine.Journal = journal;
        rig.OutAll((0x3FA, 1));
        rig.Machine.Inject(new InputEvent(5_000_000, InputSource.Serial0, "ab"u8.ToArray()));
        rig.Machine.Run(4_999_999);
        Assert.That((journal.Events.Count, rig.Machine.Uarts[0].Waiting), Is.EqualTo((0, 0)));
        rig.Machine.Run(5_000_000);
        Assert.That((journal.Events.Count, rig.Machine.Uarts[0].Waiting), Is.EqualTo((1, 2)));
        Assert.That(journal.Events[0], Is.EqualTo((5_000_000UL, "ab")));
        Assert.That(() => rig.Machine.Inject(new InputEvent(1, InputSource.Nmi, default)), Throws.TypeOf<InternalErrorException>());
    }

    [Test]
    public void Runs_can_be_cut_anywhere() =>
        Gen.ULong[1, 20_000_000].Array[1, 8].Sample(
            cuts =>
            {
                using Rig whole = BusyRig(), pieces = BusyRig();
                whole.Machine.Run(20_000_000);
                foreach (ulong cut in cuts.Order())
                    pieces.Machine.Run(cut);
                pieces.Machine.Run(20_000_000);
                return whole.Machine.StateHash() == pieces.Machine.StateHash() && whole.Cpu.Taken.SequenceEqual(pieces.Cpu.Taken);
            },
            iter: 20);

    [Test]
    public void A_probe_looks_once_in_its_interval_however_long_the_machine_idles()
    {
        using Rig rig = BusyRig();
        var probe = new Probe(rig);
        rig.Machine.Probe = probe;
        rig.Machine.Run(100_000_000);
        Assert.That(rig.Cpu.InstructionCount, Is.LessThan(rig.Now / 100), "the machine is to idle");
        Assert.That(probe.Looks.Count, Is.GreaterThan(10));
        Assert.That(probe.Looks, Is.EqualTo(Enumerable.Range(1, probe.Looks.Count).Select(i => (ulong)i * Probe.Interval)));
        Assert.That(rig.Cpu.InstructionCount - probe.Looks[^1], Is.LessThan(Probe.Interval));
    }

    [Test]
    public void Nothing_allocates_while_running()
    {
        using Rig rig = BusyRig();
        rig.Machine.Run(1_000_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 2000; i++)
        {
            rig.WriteApic(0xB0, 0);
            rig.Machine.Lapic.TryWriteMsr(0x6E0, rig.Now + 100);
            rig.Out(0x43, 0);
            rig.In(0x40);
            rig.In(0x71);
            rig.In(0x3FD);
            rig.In(0x1234);
            rig.Machine.Events.FireDue();
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        rig.Cpu.Handler = null;
        before = GC.GetAllocatedBytesForCurrentThread();
        rig.Cpu.InterruptsEnabled = false;
        rig.Machine.Run(rig.Now + 100_000_000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Power_on_is_like_new()
    {
        using Rig used = BusyRig(), fresh = new(used.Machine.Description);
        used.Machine.Run(10_000_000);
        used.Machine.Memory.Write(0x1000, 0x1234);
        Assert.That(used.Machine.StateHash(), Is.Not.EqualTo(fresh.Machine.StateHash()));
        used.Machine.PowerOn();
        Assert.That(used.Machine.StateHash(), Is.EqualTo(fresh.Machine.StateHash()));
    }

    [Test]
    public void The_hash_of_a_description_covers_every_member_and_stays()
    {
        MachineDescription plain = new();
        string[] hashes =
        [
            plain.Hash(), (plain with { MemorySize = 1 << 30 }).Hash(), (plain with { RtcEpoch = 0 }).Hash(), (plain with { Seed = 2 }).Hash(),
            (plain with { WatchdogTicks = 0 }).Hash(), (plain with { WatchdogStayTicks = 1 }).Hash(), (plain with { Strict = true }).Hash(), (plain with { Virtio = ["block"] }).Hash(),
        ];
        Assert.That(hashes, Is.Unique);
        Assert.That(hashes.Length, Is.EqualTo(typeof(MachineDescription).GetProperties().Length + 1), "a new member needs a line here");
        Assert.That(new MachineDescription(), Is.EqualTo(plain));
    }

    /// <summary>Timers of three kinds, serial input, and a processor that halts between interrupts.</summary>
    private static Rig BusyRig()
    {
        var rig = new Rig(Rig.Small with { WatchdogTicks = 3_000_000 });
        rig.InitialisePics();
        rig.OutAll((0x43, 0x34), (0x40, 0x9C), (0x40, 0x2E), (0x70, 11), (0x71, 0x42));
        rig.OutAll((0x3FC, 0x0B), (0x3FA, 0x87), (0x3FB, 0x83), (0x3F8, 1), (0x3F9, 0), (0x3FB, 3), (0x3F9, 1));
        rig.WriteApic(0xF0, 0x1FF);
        rig.WriteApic(0x3E0, 0xB);
        rig.WriteApic(0x320, 0x2_0040);
        rig.WriteApic(0x380, 777_777);
        rig.Cpu.IdleLoop = true;
        rig.Cpu.Handler = vector => Serve(rig, vector);
        rig.Machine.Inject(new InputEvent(3_333_333, InputSource.Serial0, Encoding.ASCII.GetBytes("some text that comes in by and by")));
        return rig;
    }

    private static void Serve(Rig rig, byte vector)
    {
        switch (vector)
        {
            case 0x24:
                while ((rig.In(0x3FD) & 1) != 0)
                    rig.In(0x3F8);
                break;
            case 0x28:
                rig.Out(0x70, 12);
                rig.In(0x71);
                rig.Out(0xA0, 0x20);
                break;
            case 0x40:
                rig.WriteApic(0xB0, 0);
                return;
            default:
                break;
        }

        rig.Out(0x20, 0x20);
    }

    private static void ArmTimer(Rig rig, ulong tick)
    {
        rig.WriteApic(0xF0, 0x1FF);
        rig.WriteApic(0x320, 0x4_0040);
        rig.Machine.Lapic.TryWriteMsr(0x6E0, tick);
    }

    /// <summary>Notes after how many instructions it was asked.</summary>
    private sealed class Probe(Rig rig) : IRunProbe
    {
        public const ulong Interval = 1030; // ends in the middle of a handler

        public List<ulong> Looks { get; } = [];

        public ulong NextInstruction => Interval * ((ulong)Looks.Count + 1);

        public void Reach() => Looks.Add(rig.Cpu.InstructionCount);
    }

    private sealed class Journal : IInputJournal
    {
        public List<(ulong Tick, string Text)> Events { get; } = [];

        public void Record(in InputEvent input, bool settled) => Events.Add((input.Tick, Encoding.ASCII.GetString(input.Bytes.Span)));
    }
}
