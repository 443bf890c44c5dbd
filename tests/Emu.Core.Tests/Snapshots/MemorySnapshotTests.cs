using CsCheck;
using Emu.Core.Memory;
using Emu.Core.Snapshots;

namespace Emu.Core.Tests.Snapshots;

[TestFixture]
public sealed class MemorySnapshotTests
{
    [Test]
    public void Any_order_of_writing_taking_and_restoring_agrees_with_whole_copies()
    {
        Gen.Select(Gen.Int[0, 2], Gen.ULong[0, 1000]).Array[1, 25].Sample(steps =>
        {
            using var machine = new TestMachine();
            var taken = new List<(MemorySnapshot Snapshot, byte[] Ram, UInt128 Hash)>();
            foreach ((int kind, ulong value) in steps)
            {
                if (kind == 0)
                {
                    machine.Scribble(value);
                }
                else if (kind == 1 || taken.Count == 0)
                {
                    var snapshot = MemorySnapshot.Take(machine);
                    taken.Add((snapshot, Ram(machine), snapshot.Hash()));
                }
                else
                {
                    (MemorySnapshot snapshot, byte[] ram, UInt128 hash) = taken[(int)(value % (ulong)taken.Count)];
                    snapshot.Restore(machine);
                    Assert.That(Ram(machine).AsSpan().SequenceEqual(ram));
                    Assert.That(machine.Hash(), Is.EqualTo(hash));
                }
            }
        }, iter: 40);
    }

    [Test]
    public void A_restored_machine_goes_on_as_the_first_did()
    {
        using var machine = new TestMachine();
        machine.Scribble(1);
        var snapshot = MemorySnapshot.Take(machine);
        machine.Scribble(2);
        UInt128 end = machine.Hash();
        snapshot.Restore(machine);
        machine.Scribble(2);
        Assert.That(machine.Hash(), Is.EqualTo(end));
    }

    [Test]
    public void A_snapshot_restores_other_machines_and_none_disturbs_the_others()
    {
        using var machine = new TestMachine();
        machine.Scribble(1);
        var snapshot = MemorySnapshot.Take(machine);
        using var second = new TestMachine();
        second.Scribble(9);
        snapshot.Restore(second);
        second.Scribble(3);
        machine.Scribble(2);
        snapshot.Restore(machine);
        Assert.That(machine.Hash(), Is.EqualTo(snapshot.Hash()));
        Assert.That(second.Hash(), Is.Not.EqualTo(snapshot.Hash()));
    }

    [Test]
    public void Taking_and_restoring_make_the_processor_drop_what_it_derived()
    {
        using var machine = new TestMachine();
        var snapshot = MemorySnapshot.Take(machine);
        snapshot.Restore(machine);
        Assert.That(machine.Drops, Is.EqualTo(2));
        Assert.That(machine.Memory.DirtyFrames.Length, Is.Zero);
    }

    [Test]
    public void A_frame_written_with_zeroes_equals_one_never_written()
    {
        using var machine = new TestMachine();
        UInt128 fresh = machine.Hash();
        machine.Memory.Write(0x3000, 5);
        Assert.That(machine.Hash(), Is.Not.EqualTo(fresh));
        machine.Memory.Write(0x3000, 0);
        Assert.That(machine.Hash(), Is.EqualTo(fresh));
    }

    [Test]
    public void Only_frames_that_were_written_are_copied_back()
    {
        using var machine = new TestMachine();
        machine.Scribble(1);
        var snapshot = MemorySnapshot.Take(machine);
        CorruptBehindTheWriteDoor(machine.Memory, 0x5000);
        snapshot.Restore(machine);
        Assert.That(machine.Memory.Read<byte>(0x5000), Is.EqualTo(0xEE), "a clean frame is not touched");
        machine.Memory.MarkDirty(5);
        snapshot.Restore(machine);
        Assert.That(machine.Memory.Read<byte>(0x5000), Is.Not.EqualTo(0xEE));
    }

    [Test]
    public void Another_machine_is_refused()
    {
        using var machine = new TestMachine();
        using var other = new TestMachine(name: "other");
        using var extended = new TestMachine(extraPart: true);
        Assert.That(() => MemorySnapshot.Take(machine).Restore(other), Throws.TypeOf<OtherworldException>().With.Message.Contains("another machine"));
        Assert.That(() => MemorySnapshot.Take(machine).Restore(extended), Throws.TypeOf<OtherworldException>().With.Message.Contains("lacks the section 'hvc1'"));
        Assert.That(() => MemorySnapshot.Take(extended).Restore(machine), Throws.TypeOf<OtherworldException>().With.Message.Contains("does not know"));
    }

    private static unsafe void CorruptBehindTheWriteDoor(GuestMemory memory, int offset) => memory.Base[offset] = 0xEE;

    private static byte[] Ram(TestMachine machine)
    {
        var ram = new byte[machine.Memory.Size];
        machine.Memory.Read(0, ram);
        return ram;
    }
}
