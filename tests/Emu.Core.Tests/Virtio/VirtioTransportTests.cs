using Emu.Core.Devices.Virtio;

namespace Emu.Core.Tests.Virtio;

[TestFixture]
public sealed class VirtioTransportTests
{
    [Test]
    public void A_driver_recognises_a_modern_block_device()
    {
        using var bench = new BlockBench(new byte[4096]);
        Assert.That((bench.Driver.Read(0), bench.Driver.Read(4), bench.Driver.Read(8)), Is.EqualTo((0x74726976u, 2u, 2u)));
        Assert.That(bench.Device.ReadMmio(0x100, 4), Is.EqualTo(8UL), "capacity in sectors");
    }

    [Test]
    public void Features_are_offered_in_two_halves()
    {
        using var bench = new BlockBench(new byte[4096]);
        bench.Driver.Write(0x014, 0);
        uint low = bench.Driver.Read(0x010);
        bench.Driver.Write(0x014, 1);
        uint high = bench.Driver.Read(0x010);
        bench.Driver.Write(0x014, 2);
        Assert.That(low >> 28, Is.EqualTo(3u), "indirect descriptors, event index");
        Assert.That((high, bench.Driver.Read(0x010)), Is.EqualTo((1u, 0u)));
    }

    [Test]
    public void Features_that_were_not_offered_are_refused()
    {
        using var bench = new BlockBench(new byte[4096], features: 1UL << 40);
        Assert.That(bench.Driver.Start(1), Is.False);
    }

    [Test]
    public void A_legacy_driver_is_refused()
    {
        using var bench = new BlockBench(new byte[4096]);
        bench.Driver.Write(0x070, 3);
        bench.Driver.Write(0x070, 11);
        Assert.That(bench.Driver.Read(0x070), Is.EqualTo(3u));
    }

    [Test]
    public void Status_bits_are_only_cleared_by_reset()
    {
        using var bench = new BlockBench(new byte[4096]);
        bench.Driver.Write(0x070, 3);
        bench.Driver.Write(0x070, 1);
        Assert.That(bench.Driver.Read(0x070), Is.EqualTo(3u));
        bench.Driver.Write(0x070, 0);
        Assert.That(bench.Driver.Read(0x070), Is.Zero);
    }

    [Test]
    public void A_queue_outside_memory_cannot_become_ready()
    {
        using var bench = new BlockBench(new byte[4096]);
        bench.Driver.Write(0x070, 15);
        bench.Driver.Write(0x038, 16);
        bench.Driver.Write(0x084, 0xFFFF_FFFF);
        bench.Driver.Write(0x044, 1);
        Assert.That(bench.Driver.Read(0x044), Is.Zero);
        Assert.That(bench.Driver.Read(0x070) & (uint)VirtioStatus.DeviceNeedsReset, Is.Not.Zero);
        Assert.That(bench.Device.Faults, Is.EqualTo((1u, VirtioFault.QueueArea)));
    }

    [Test]
    public void A_queue_in_use_keeps_its_addresses()
    {
        using var bench = new BlockBench(new byte[4096]);
        bench.Driver.Start(1);
        bench.Driver.Write(0x080, 0x55000);
        Assert.That(bench.Request(4, 0, 0, false), Is.Zero, "still served at the old address");
    }

    [Test]
    public void A_cause_that_comes_while_the_line_is_high_makes_a_new_edge()
    {
        using var bench = new BlockBench(new byte[4096], latency: 0);
        bench.Driver.Start(1);
        bench.Submit(4, 0, 0, false);
        bench.Driver.Describe(TestDriver<VirtioBlockState>.DescBase, 5, ulong.MaxValue, 16, 0, 0);
        bench.Driver.Offer(0, 5);
        bench.Driver.Write(0x050, 0);
        Assert.That((bench.Driver.Read(0x060), bench.Line.Edges), Is.EqualTo((3u, 1)));
        bench.Driver.Write(0x064, 1);
        Assert.That((bench.Line.Level, bench.Line.Edges), Is.EqualTo((true, 2)));
        bench.Driver.Write(0x064, 2);
        Assert.That(bench.Line.Level, Is.False);
    }

    [Test]
    public void A_driver_that_asked_for_no_interrupt_gets_none()
    {
        using var bench = new BlockBench(new byte[4096]);
        bench.Driver.Start(1);
        bench.Memory.Write(TestDriver<VirtioBlockState>.DriverBase, (ushort)1);
        bench.Request(4, 0, 0, false);
        Assert.That(bench.Line.Edges, Is.Zero);
    }

    [Test]
    public void With_event_index_the_interrupt_comes_at_the_index_named()
    {
        using var bench = new BlockBench(new byte[4096], features: VirtioFeatures.EventIndex);
        bench.Driver.Start(1);
        bench.Driver.SetUsedEvent(0, 2);
        bench.Request(4, 0, 0, false);
        bench.Request(4, 0, 0, false);
        Assert.That(bench.Line.Edges, Is.Zero);
        bench.Request(4, 0, 0, false);
        Assert.That(bench.Line.Edges, Is.EqualTo(1));
        Assert.That(bench.Driver.AvailableEvent(0), Is.EqualTo(3), "the device asks to be told of the next");
    }

    [Test]
    public void Reset_equals_a_fresh_device()
    {
        using var used = new BlockBench(new byte[4096]);
        using var fresh = new BlockBench(new byte[4096]);
        used.Driver.Start(1);
        used.Submit(4, 0, 0, false);
        used.Device.Reset();
        Assert.That(used.Device.StateBytes.SequenceEqual(fresh.Device.StateBytes));
        Assert.That(used.Events.StateBytes.SequenceEqual(fresh.Events.StateBytes));
    }
}
