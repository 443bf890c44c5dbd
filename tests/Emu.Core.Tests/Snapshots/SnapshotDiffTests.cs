using Emu.Core.Snapshots;

namespace Emu.Core.Tests.Snapshots;

[TestFixture]
public sealed class SnapshotDiffTests
{
    [Test]
    public void A_changed_field_is_named()
    {
        using var machine = new TestMachine();
        machine.Clock.Now = 0x1A3;
        var before = MemorySnapshot.Take(machine);
        machine.Clock.Now = 0x1A2;
        machine.Events.Schedule(0, 0x200);
        Assert.That(SnapshotDiff.Compare(before, MemorySnapshot.Take(machine)).Select(difference => difference.ToString()), Is.EqualTo(new[]
        {
            "clock.Now 0x1A3 -> 0x1A2",
            "events.Next 0xFFFFFFFFFFFFFFFF -> 0x200",
            "events.Ticks[0] 0xFFFFFFFFFFFFFFFF -> 0x200",
        }));
    }

    [Test]
    public void Nested_fields_are_named_by_their_path()
    {
        using var machine = new TestMachine();
        var before = MemorySnapshot.Take(machine);
        machine.Console.WriteMmio(0x030, 4, 1);
        machine.Console.WriteMmio(0x038, 4, 64);
        Assert.That(SnapshotDiff.Compare(before, MemorySnapshot.Take(machine)).Select(difference => difference.ToString()), Is.EqualTo(new[]
        {
            "hvc0.Transport.QueueSel 0x0 -> 0x1",
            "hvc0.Transport.Queues[1].Num 0x0 -> 0x40",
        }));
    }

    [Test]
    public void Changed_pages_are_listed_as_ranges()
    {
        using var folder = new TemporaryFolder();
        using var machine = new TestMachine();
        machine.Memory.Write(0x5000, 1);
        SnapshotFile.Save(folder["a"], machine, new SnapshotInfo());
        machine.Memory.Write(0x1000, new byte[] { 1 });
        machine.Memory.Write(0x2FFF, new byte[] { 1, 2 });
        machine.Memory.Write(0x5000, 2);
        machine.Disk.Write(8192, new byte[] { 7 });
        SnapshotFile.Save(folder["b"], machine, new SnapshotInfo());
        Assert.That(SnapshotDiff.Compare(folder["a"], folder["b"]).Select(difference => difference.ToString()), Is.EqualTo(new[]
        {
            "ram 0x00001000-0x00003fff (3 pages) zero -> data",
            "ram 0x00005000-0x00005fff (1 page) data -> changed",
            "vda.overlay 0x00002000-0x00002fff (1 page) absent -> data",
        }));
    }

    [Test]
    public void Equal_states_have_no_differences()
    {
        using var machine = new TestMachine();
        machine.Scribble(1);
        Assert.That(SnapshotDiff.Compare(MemorySnapshot.Take(machine), MemorySnapshot.Take(machine)), Is.Empty);
    }
}
