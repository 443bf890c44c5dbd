using Emu.Core.Machine;
using Emu.Core.Replay;
using Emu.Core.Snapshots;
using Emu.Core.State;

namespace Emu.Core.Tests.Replay;

/// <summary>A replay is the run that was recorded, and says so when it is not.</summary>
public sealed class RunReplayerTests
{
    [Test]
    public void A_replay_ends_in_the_same_state_after_the_same_interrupts([Values(1UL, 2UL, 3UL)] ulong seed)
    {
        var run = new RecordedRun(seed);
        using Rig rig = RecordedRun.Start();
        using RunReplayer replayer = run.Replayer(rig);
        Assert.That(replayer.Run(ulong.MaxValue).Reason, Is.EqualTo(StopReason.None));
        Assert.That((replayer.AtEnd, replayer.Complete, replayer.Divergence), Is.EqualTo((true, true, (Divergence?)null)));
        Assert.That(replayer.Checked, Is.GreaterThan(25), "one each 10 million instructions, memory among them");
        Assert.That(rig.Cpu.Taken, Is.EqualTo(run.Interrupts));
        Assert.That(rig.Machine.StateHash(), Is.EqualTo(run.Hash));
    }

    [Test]
    public void A_replay_may_be_cut_anywhere()
    {
        var run = new RecordedRun(4);
        using Rig rig = RecordedRun.Start();
        using RunReplayer replayer = run.Replayer(rig);
        var prng = new Prng(9);
        while (!replayer.AtEnd)
        {
            ulong limit = rig.Now + prng.Below(9_000_000);
            RunResult result = replayer.Run(limit);
            Assert.That(result.Reason == StopReason.None || rig.Now == limit);
        }

        Assert.That((rig.Machine.StateHash(), replayer.Divergence), Is.EqualTo((run.Hash, (Divergence?)null)));
    }

    [Test]
    public void The_first_difference_is_named_by_its_field()
    {
        var run = new RecordedRun(5);
        using Rig rig = RecordedRun.Start();
        using RunReplayer replayer = run.Replayer(rig);
        replayer.Run(55_000_000);
        rig.Out(0x3FF, 0x5A); // the scratch register of COM1
        Assert.That(replayer.Run(ulong.MaxValue).Reason, Is.EqualTo(StopReason.None));
        Divergence difference = replayer.Divergence!;
        Assert.That((difference.Where, difference.Recorded, difference.Replayed), Is.EqualTo(("uart0.Scratch", "0x0", "0x5A")));
        Assert.That(difference.LastEqualTick, Is.LessThan(55_000_000));
        Assert.That(difference.Tick, Is.InRange(55_000_000, 75_000_000));
    }

    [Test]
    public void A_difference_in_memory_is_found_where_memory_is_compared()
    {
        var run = new RecordedRun(6);
        using Rig rig = RecordedRun.Start();
        using RunReplayer replayer = run.Replayer(rig);
        replayer.Run(20_000_000);
        rig.Machine.Memory.Write(0x1234, (byte)1);
        replayer.Run(ulong.MaxValue);
        Assert.That(replayer.Divergence!.Where, Is.EqualTo("memory"));
        Assert.That(replayer.Divergence.Tick, Is.LessThan(125_000_000));
    }

    [Test]
    public void Recording_changes_nothing_of_the_run()
    {
        using Rig plain = RecordedRun.Start();
        plain.Machine.Run(60_000_000);
        using Rig recorded = RecordedRun.Start();
        using var recorder = new RunRecorder(recorded.Machine, new JournalWriter(new MemoryStream(), 0));
        recorded.Machine.Run(60_000_000);
        Assert.That(recorded.Machine.StateHash(), Is.EqualTo(plain.Machine.StateHash()));
    }

    /// <summary>The snapshot is written while the run goes on; a full disk is told when it is found, and at the end at the latest.</summary>
    [Test]
    public void A_snapshot_that_could_not_be_written_ends_the_recording()
    {
        using Rig rig = RecordedRun.Start();
        var start = new TaskCompletionSource();
        using var recorder = new RunRecorder(rig.Machine, new JournalWriter(new MemoryStream(), 0), start.Task);
        rig.Machine.Run(15_000_000);
        start.SetException(new OtherworldException("the disk is full"));
        Assert.That(() => rig.Machine.Run(25_000_000), Throws.TypeOf<OtherworldException>().With.Message.EqualTo("the disk is full"));
        Assert.That(recorder.Finish, Throws.TypeOf<OtherworldException>());
    }

    [Test]
    public void A_patch_of_memory_or_a_register_is_an_input_like_any_other()
    {
        using Rig recorded = RecordedRun.Start();
        var stream = new MemoryStream();
        using (var recorder = new RunRecorder(recorded.Machine, new JournalWriter(stream, 42)))
        {
            recorded.Machine.Run(5_000_000);
            recorded.Machine.Inject(InputSource.Memory, new MemoryPatch(0x1FFE, new byte[] { 1, 2, 3, 4 }).ToInput());
            recorded.Machine.Inject(InputSource.Register, new RegisterPatch(0, 77).ToInput());
            recorded.Machine.Run(150_000_000);
            recorder.Finish();
        }

        Assert.That(recorded.Machine.Memory.Read<uint>(0x1FFE), Is.EqualTo(0x0403_0201));
        using Rig rig = RecordedRun.Start();
        using RunReplayer replayer = new(rig.Machine, new JournalReader(new MemoryStream(stream.ToArray()), "the journal"));
        replayer.Run(ulong.MaxValue);
        Assert.That((replayer.AtEnd, replayer.Divergence, replayer.Inputs), Is.EqualTo((true, (Divergence?)null, 2)));
        Assert.That(rig.Machine.StateHash(), Is.EqualTo(recorded.Machine.StateHash()));
    }

    [TestCase(InputSource.Memory, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }, "memory")]
    [TestCase(InputSource.Memory, new byte[] { 0, 0, 0, 0, 0, 0, 1, 0, 9 }, "memory")]
    [TestCase(InputSource.Register, new byte[] { 0, 0, 1 }, "register")]
    [TestCase(InputSource.Register, new byte[] { 1, 0, 1, 0, 0, 0, 0, 0, 0, 0 }, "register")]
    [TestCase(InputSource.Network0, new byte[] { 1 }, "network card")]
    [TestCase(InputSource.VirtioConsole, new byte[] { 1 }, "longer than the line")]
    [TestCase(InputSource.Register, new byte[] { 1, 0, 1, 0, 0, 0, 0, 0, 0, 0 }, "register that the processor does not have")]
    public void An_input_that_the_machine_cannot_take_is_damage(InputSource source, byte[] input, string said)
    {
        var stream = new MemoryStream();
        using (var journal = new JournalWriter(stream, 42))
            journal.Write(new JournalRecord(JournalRecordKind.Input, source, 100, input));
        using Rig rig = RecordedRun.Start();
        using RunReplayer replayer = new(rig.Machine, new JournalReader(new MemoryStream(stream.ToArray()), "the journal"));
        Assert.That(() => replayer.Run(ulong.MaxValue), Throws.TypeOf<OtherworldException>().With.Message.Contains(said));
    }

    [Test]
    public void A_recorder_goes_back_with_its_machine()
    {
        using Rig recorded = RecordedRun.Start();
        var stream = new MemoryStream();
        using (var recorder = new RunRecorder(recorded.Machine, new JournalWriter(stream, 42)))
        {
            recorded.Machine.Inject(InputSource.Serial0, "a"u8.ToArray());
            recorded.Machine.Run(120_000_000);
            MemorySnapshot snapshot = MemorySnapshot.Take(recorded.Machine);
            RecorderMark mark = recorder.Mark();
            recorded.Machine.Inject(InputSource.Memory, new MemoryPatch(0x5000, new byte[] { 1 }).ToInput());
            recorded.Machine.Run(333_000_000); // memory is hashed with what is taken back
            snapshot.Restore(recorded.Machine);
            recorder.Rewind(mark);
            recorded.Machine.Inject(InputSource.Serial0, "b"u8.ToArray());
            recorded.Machine.Run(250_000_000);
            recorder.Finish();
        }

        using Rig rig = RecordedRun.Start();
        using RunReplayer replayer = new(rig.Machine, new JournalReader(new MemoryStream(stream.ToArray()), "the journal"));
        replayer.Run(ulong.MaxValue);
        Assert.That((replayer.Complete, replayer.Divergence, replayer.Inputs), Is.EqualTo((true, (Divergence?)null, 2)));
        Assert.That(rig.Machine.StateHash(), Is.EqualTo(recorded.Machine.StateHash()));
    }

    [Test]
    public void An_input_behind_a_rewound_recording_comes_behind_the_events_of_its_tick()
    {
        using Rig rig = RecordedRun.Start();
        var stream = new MemoryStream();
        using (var recorder = new RunRecorder(rig.Machine, new JournalWriter(stream, 42)))
        {
            rig.Machine.Run(3_000_000);
            MemorySnapshot snapshot = MemorySnapshot.Take(rig.Machine);
            RecorderMark mark = recorder.Mark();
            rig.Machine.Run(5_000_000);
            snapshot.Restore(rig.Machine);
            recorder.Rewind(mark);
            rig.Machine.Inject(InputSource.Serial0, "x"u8.ToArray());
            rig.Machine.Run(4_000_000);
        }

        using var journal = new JournalReader(new MemoryStream(stream.ToArray()), "the journal");
        Assert.That(journal.TryRead(out JournalRecord record), Is.True);
        Assert.That((record.Kind, record.Tick), Is.EqualTo((JournalRecordKind.SettledInput, 3_000_000UL)));
    }

    [Test]
    public void A_journal_cut_anywhere_replays_to_its_last_whole_record()
    {
        var run = new RecordedRun(7);
        var prng = new Prng(3);
        for (int i = 0; i < 10; i++)
        {
            byte[] cut = run.Journal[..(int)(24 + prng.Below((ulong)run.Journal.Length - 25))];
            using Rig rig = RecordedRun.Start();
            using RunReplayer replayer = run.Replayer(rig, cut);
            replayer.Run(ulong.MaxValue);
            Assert.That((replayer.AtEnd, replayer.Complete, replayer.Divergence), Is.EqualTo((true, false, (Divergence?)null)));
        }
    }

    [Test]
    public void A_damaged_journal_is_refused_in_one_line()
    {
        var run = new RecordedRun(8);
        var prng = new Prng(4);
        for (int i = 0; i < 60; i++)
        {
            byte[] damaged = (byte[])run.Journal.Clone();
            damaged[(int)prng.Below((ulong)damaged.Length)] ^= (byte)(1 << (int)prng.Below(8));
            Assert.That(() => ReadAll(damaged), Throws.TypeOf<OtherworldException>().With.Message.Match("journal"));
        }
    }

    /// <summary>A flipped bit in the start's hash is found by whoever has the snapshot; elsewhere by the journal itself, at the latest by its missing end.</summary>
    private static void ReadAll(byte[] journal)
    {
        using var reader = new JournalReader(new MemoryStream(journal), "x");
        while (reader.TryRead(out _))
        {
        }

        if (reader.Start != 42 || reader.Truncated)
            throw new OtherworldException("the journal is another's, or cut");
    }
}
