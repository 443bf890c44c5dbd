using Emu.Core.Host;
using Emu.Core.Machine;
using Emu.Core.Replay;
using Emu.X86.Paging;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Debugging;

namespace Otherworld.Guest.Tests.Debugging;

/// <summary>Going back and forth in a run: every place is what it was, and the run stays what it is.</summary>
public sealed class TimelineTests
{
    private const long Memory = 64 << 20;
    private const ulong End = 3_000_000;

    [Test]
    public void Every_place_is_what_it_was_whatever_way_it_is_come_to()
    {
        ulong[] places = [5, 1_234, 1_235, 77_777, 512_000, 1_300_001, 2_999_999];
        ulong[] hashes = [.. places.Select(place => Straight(place))];
        using GuestMachine guest = SmallGuest.Create();
        Timeline timeline = Follow(guest);
        int[] order = [6, 0, 5, 1, 4, 2, 3, 3, 6, 5, 4, 3, 2, 1, 0];
        foreach (int index in order)
        {
            Assert.That(timeline.GoTo(places[index]).Reason, Is.EqualTo(StopReason.Limit));
            Assert.That((guest.Processor.InstructionCount, guest.Machine.StateHash()), Is.EqualTo((places[index], hashes[index])), $"place {places[index]}");
        }
    }

    [Test]
    public void Steps_back_undo_steps_one_by_one()
    {
        using GuestMachine guest = SmallGuest.Create();
        Timeline timeline = Follow(guest);
        timeline.GoTo(100_000);
        Stack<(ulong Rip, ulong Hash)> passed = [];
        for (int i = 0; i < 1_000; i++)
        {
            passed.Push((guest.Processor.State.Rip, guest.Machine.StateHash()));
            timeline.Step();
        }

        while (passed.TryPop(out (ulong Rip, ulong Hash) wanted))
        {
            timeline.StepBack();
            Assert.That((guest.Processor.State.Rip, guest.Machine.StateHash()), Is.EqualTo(wanted));
        }
    }

    [Test]
    public void A_step_enters_a_handler_before_its_first_instruction_and_back_again()
    {
        using GuestMachine guest = SmallGuest.Create();
        Timeline timeline = Follow(guest);
        while (guest.Processor.State.Rip != SmallGuest.Handler)
            timeline.Step();
        ulong count = timeline.InstructionCount;
        timeline.StepBack();
        Assert.That((timeline.InstructionCount, guest.Processor.State.Rip), Is.Not.EqualTo((count, SmallGuest.Handler)));
        timeline.Step();
        timeline.Step();
        Assert.That((timeline.InstructionCount, guest.Processor.State.Rip), Is.EqualTo((count + 1, SmallGuest.Handler + 4)));
        timeline.StepBack();
        Assert.That((timeline.InstructionCount, guest.Processor.State.Rip), Is.EqualTo((count, SmallGuest.Handler)));
    }

    [Test]
    public void Breakpoints_are_met_backwards_where_they_were_met_forwards()
    {
        using GuestMachine guest = SmallGuest.Create();
        Timeline timeline = Follow(guest);
        StopPoints points = new(guest.Processor);
        points.SetBreakpoint(SmallGuest.Handler, hardware: false, present: true);
        Stack<(ulong, ulong)> met = [];
        points.Arm();
        while (timeline.Run(End).Reason == StopReason.Breakpoint)
            met.Push((guest.Processor.InstructionCount, guest.Machine.Clock.Now));
        points.Disarm();
        Assert.That(met, Has.Count.GreaterThan(20));
        while (met.TryPop(out (ulong, ulong) wanted))
        {
            Assert.That(timeline.ContinueBack(points, () => false).Kind, Is.EqualTo(StopKind.Breakpoint));
            Assert.That((guest.Processor.InstructionCount, guest.Machine.Clock.Now), Is.EqualTo(wanted));
            Assert.That(guest.Processor.State.Rip, Is.EqualTo(SmallGuest.Handler));
        }

        Assert.That(timeline.ContinueBack(points, () => false).Kind, Is.EqualTo(StopKind.Begin));
    }

    [Test]
    public void A_watch_backwards_stands_before_the_write()
    {
        using GuestMachine guest = SmallGuest.Create();
        Timeline timeline = Follow(guest);
        timeline.Run(End);
        ushort last = Counter(guest);
        StopPoints points = new(guest.Processor);
        points.Add(WatchOnCounter);
        for (int i = 1; i <= 5; i++)
        {
            Assert.That(timeline.ContinueBack(points, () => false).Kind, Is.EqualTo(StopKind.Watchpoint));
            Assert.That((Counter(guest), guest.Processor.State.Rip), Is.EqualTo(((ushort)(last - i), SmallGuest.Handler)));
        }
    }

    [Test]
    public void Reads_are_watched_too()
    {
        using GuestMachine guest = SmallGuest.Create();
        Timeline timeline = Follow(guest);
        StopPoints points = new(guest.Processor);
        points.Add(new Watchpoint(0x6000, 2, WatchKinds.Read, [new WatchedRange(0x6000, 2, WatchKinds.Read)]));
        points.Arm();
        Assert.That(timeline.Run(End).Reason, Is.EqualTo(StopReason.Breakpoint));
        Assert.That((points.Hit().Kind, guest.Processor.State.Rip), Is.EqualTo((StopKind.Watchpoint, SmallGuest.Origin + 0x2A)));
    }

    [Test]
    public void The_last_writer_is_found_and_the_run_stays_where_it_is()
    {
        using GuestMachine guest = SmallGuest.Create();
        Timeline timeline = Follow(guest);
        timeline.Run(End);
        ulong hash = guest.Machine.StateHash();
        WriterFound? writer = timeline.LastWriter(WatchOnCounter, () => false);
        Assert.That(writer?.Rip, Is.EqualTo(SmallGuest.Handler));
        Assert.That((guest.Machine.Clock.Now, guest.Machine.StateHash()), Is.EqualTo((End, hash)));
        timeline.GoTo(writer!.Value.InstructionCount + 1);
        Assert.That(guest.Processor.State.Rip, Is.EqualTo(SmallGuest.Handler + 4));
    }

    [Test]
    public void Transfers_before_a_place_are_those_that_happened()
    {
        using GuestMachine guest = SmallGuest.Create();
        Timeline timeline = Follow(guest);
        timeline.Run(End);
        IReadOnlyList<ControlTransfer> transfers = timeline.TransfersBefore(200_000);
        Assert.That(transfers, Has.Count.EqualTo(32));
        Assert.That(transfers.Where(transfer => transfer.IsEvent), Is.All.Property(nameof(ControlTransfer.To)).EqualTo(SmallGuest.Handler));
        Assert.That(transfers.Select(transfer => transfer.InstructionCount), Is.Ordered.Ascending);
    }

    [Test]
    public void Inputs_come_again_when_they_came_and_are_told_once()
    {
        using GuestMachine guest = SmallGuest.Create();
        Timeline timeline = Follow(guest);
        foreach (ulong tick in (ulong[])[100_000, 100_001, 900_000])
        {
            timeline.Run(tick);
            guest.Machine.Inject(InputSource.Serial0, new byte[] { 0x41 });
        }

        timeline.Run(End);
        ulong hash = guest.Machine.StateHash();
        int told = guest.Inputs.Count;
        timeline.GoTo(50_000);
        Assert.That(timeline.IsPast);
        timeline.Run(End);
        Assert.That((guest.Machine.StateHash(), guest.Inputs.Count, timeline.IsPast), Is.EqualTo((hash, told, false)));
    }

    [Test]
    public void The_source_is_asked_once_for_every_part()
    {
        using GuestMachine guest = SmallGuest.Create();
        OnceSource source = new(guest.Machine);
        Timeline timeline = new(guest, source, [], Memory);
        timeline.Run(End);
        ulong hash = guest.Machine.StateHash();
        timeline.GoTo(7_000);
        Assert.That(timeline.Run(End).Reason, Is.EqualTo(StopReason.Limit));
        Assert.That((guest.Machine.StateHash(), source.Furthest), Is.EqualTo((hash, End)));
        timeline.GoTo(1_000);
        timeline.Run(End + 1_000);
        Assert.That(source.Furthest, Is.EqualTo(End + 1_000));
    }

    [Test]
    public void Debugging_leaves_the_run_as_it_was()
    {
        using GuestMachine plain = SmallGuest.Create();
        plain.Machine.Run(End);
        using GuestMachine guest = SmallGuest.Create();
        Timeline timeline = Follow(guest);
        StopPoints points = new(guest.Processor);
        points.SetBreakpoint(SmallGuest.Handler, hardware: true, present: true);
        points.Add(WatchOnCounter);
        points.Arm();
        while (timeline.Run(End).Reason == StopReason.Breakpoint)
            guest.Processor.Mmu.ForgetWatchHit();
        Assert.That(guest.Machine.StateHash(), Is.EqualTo(plain.Machine.StateHash()));
    }

    [Test]
    public void What_is_printed_again_is_not_shown_again()
    {
        BufferSink text = new();
        SwitchedSink console = new(text);
        using GuestMachine guest = SmallGuest.Create(new MachineOutputs { DebugConsole = console });
        guest.Machine.Memory.Write(SmallGuest.Handler, (ReadOnlySpan<byte>)[0xE6, 0xE9, 0xFF, 0x06, 0x00, 0x50, 0x50, 0xB0, 0x20, 0xE6, 0x20, 0x58, 0xCF]);
        Timeline timeline = new(guest, new LiveSource(guest.Machine), [console], Memory);
        timeline.Run(End);
        int length = text.Text.Length;
        Assert.That(length, Is.Positive);
        timeline.GoTo(1_000);
        timeline.Run(End);
        Assert.That(text.Text, Has.Length.EqualTo(length));
    }

    [Test]
    public void Checkpoints_stay_within_their_memory()
    {
        using GuestMachine guest = SmallGuest.Create();
        Timeline timeline = new(guest, new LiveSource(guest.Machine), [], 200_000);
        for (ulong place = 2_000_000; place > 100_000; place -= 99_999)
            timeline.GoTo(place);
        Assert.That(timeline.Checkpoints.Bytes, Is.LessThan(200_000));
        Assert.That(timeline.Checkpoints.Count, Is.GreaterThan(1));
    }

    private static Watchpoint WatchOnCounter => new(SmallGuest.Counter, 2, WatchKinds.Write, [new WatchedRange(SmallGuest.Counter, 2, WatchKinds.Write)]);

    private static Timeline Follow(GuestMachine guest) => new(guest, new LiveSource(guest.Machine), [], Memory);

    private static ushort Counter(GuestMachine guest) => guest.Machine.Memory.Read<ushort>(SmallGuest.Counter);

    /// <summary>The state after so many instructions, come to in one go from below.</summary>
    private static ulong Straight(ulong instructions)
    {
        using GuestMachine guest = SmallGuest.Create();
        while (guest.Processor.InstructionCount < instructions)
            guest.Machine.Run(guest.Machine.Clock.Now + (guest.Machine.IsIdle ? 1 : Math.Min(instructions - guest.Processor.InstructionCount, 1_000)));
        return guest.Machine.StateHash();
    }

    /// <summary>Like a journal: what it has given it does not give again.</summary>
    private sealed class OnceSource(PcMachine machine) : IRunSource
    {
        public ulong Furthest { get; private set; }

        public ulong NextTick => Emu.Core.Time.EventQueue.Never;

        public RunResult Run(ulong limit)
        {
            Assert.That(machine.Clock.Now, Is.EqualTo(Furthest));
            RunResult result = machine.Run(limit);
            Furthest = machine.Clock.Now;
            return result;
        }
    }
}
