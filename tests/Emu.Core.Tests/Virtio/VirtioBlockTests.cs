using CsCheck;
using Emu.Core.Devices.Virtio;

namespace Emu.Core.Tests.Virtio;

[TestFixture]
public sealed class VirtioBlockTests
{
    private const uint In = 0;
    private const uint Out = 1;
    private const uint GetId = 8;
    private const uint WriteZeroes = 13;

    [Test]
    public void Random_requests_agree_with_a_byte_array()
    {
        // The smallest piece cuts 20 sectors into 14: with header and status the 16 descriptors that a queue of 16 holds (virtio 1.2, 2.7.5.2).
        const uint smallestPiece = ((20 * 512) + 13) / 14;
        Gen<(uint Kind, uint Sector, uint Sectors, uint Piece, byte Fill)> request =
            Gen.Select(Gen.UInt[0, 2], Gen.UInt[0, 130], Gen.UInt[0, 20], Gen.UInt[smallestPiece, 9000], Gen.Byte);
        Gen.Select(request.Array[1, 30], Gen.OneOf(0UL, VirtioFeatures.IndirectDescriptors, VirtioFeatures.Common), Gen.OneOf(0UL, 20_000UL))
            .Sample((requests, features, latency) =>
            {
                byte[] model = Enumerable.Range(0, 128 * 512).Select(i => (byte)(i * 7)).ToArray();
                using var bench = new BlockBench((byte[])model.Clone(), features, latency);
                Assert.That(bench.Driver.Start(1));
                foreach ((uint kind, uint sector, uint sectors, uint piece, byte fill) in requests)
                    Step(bench, model, kind, sector, sectors, piece, fill);
                var disk = new byte[model.Length];
                bench.Disk.Read(0, disk);
                Assert.That(disk, Is.EqualTo(model));
                Assert.That(bench.Device.Faults.Count, Is.Zero);
            }, iter: 200);
    }

    [Test]
    public void Nothing_is_transferred_before_the_latency_has_passed()
    {
        using var bench = new BlockBench(new byte[8192]);
        bench.Driver.Start(1);
        bench.Memory.Write(BlockBench.DataAt, 0x55);
        bench.Submit(Out, 0, 512, false);
        bench.Clock.Now = VirtioBlock.DefaultLatency - 1;
        bench.Events.FireDue();
        Assert.That((bench.Disk.Blocks.Count, bench.Device.InFlight), Is.EqualTo((0, 1)));
        bench.Clock.Now++;
        bench.Events.FireDue();
        Assert.That((bench.Disk.Blocks.Count, bench.Device.InFlight), Is.EqualTo((1, 0)));
    }

    [Test]
    public void A_reset_by_the_driver_stops_transfers_into_memory()
    {
        using var bench = new BlockBench(Enumerable.Repeat((byte)0xAB, 8192).ToArray());
        bench.Driver.Start(1);
        bench.Submit(In, 0, 4096, true);
        bench.Driver.Write(0x070, 0);
        Assert.That(bench.Events.NextTick, Is.EqualTo(Time.EventQueue.Never));
        bench.Clock.Now = 1_000_000;
        bench.Events.FireDue();
        Assert.That((bench.Memory.Read<ulong>(BlockBench.DataAt), bench.Memory.Read<byte>(BlockBench.StatusAt)), Is.EqualTo((0UL, (byte)0xEE)));
    }

    [Test]
    public void A_read_only_disk_refuses_writes_and_says_so_beforehand()
    {
        using var bench = new BlockBench(new byte[8192], readOnly: true);
        Assert.That(bench.Driver.Read(0x010) & (1 << 5), Is.Not.Zero);
        bench.Driver.Start(1);
        Assert.That(bench.Request(Out, 0, 512, false), Is.EqualTo(1));
        Assert.That(bench.Request(In, 0, 512, true), Is.Zero);
    }

    [Test]
    public void Requests_beyond_the_end_fail_without_wrapping()
    {
        using var bench = new BlockBench(new byte[8192]);
        bench.Driver.Start(1);
        Assert.That(bench.Request(In, 16, 512, true), Is.EqualTo(1));
        Assert.That(bench.Request(In, ulong.MaxValue, 512, true), Is.EqualTo(1));
        Assert.That(bench.Request(Out, ulong.MaxValue / 512, 1024, false), Is.EqualTo(1));
        Assert.That(bench.Request(In, 0, 100, true), Is.EqualTo(1), "not whole sectors");
    }

    [Test]
    public void The_device_has_an_identity_and_refuses_what_it_does_not_know()
    {
        using var bench = new BlockBench(new byte[8192]);
        bench.Driver.Start(1);
        Assert.That(bench.Request(GetId, 0, 20, true), Is.Zero);
        var id = new byte[20];
        bench.Memory.Read(BlockBench.DataAt, id);
        Assert.That(System.Text.Encoding.ASCII.GetString(id).TrimEnd('\0'), Is.EqualTo("otherworld-vda"));
        Assert.That(bench.Request(99, 0, 0, false), Is.EqualTo(2));
    }

    [Test]
    public void More_requests_than_the_ring_holds_are_served_in_turn()
    {
        using var bench = new BlockBench(new byte[8192]);
        bench.Driver.Start(1);
        for (int round = 0; round < 40; round++)
            Assert.That(bench.Request(4, 0, 0, false), Is.Zero);
    }

    private static void Step(BlockBench bench, byte[] model, uint kind, uint sector, uint sectors, uint piece, byte fill)
    {
        uint length = sectors * 512;
        bool fits = sector + sectors <= 128;
        byte[] data = Enumerable.Range(0, (int)length).Select(i => (byte)(i + fill)).ToArray();
        byte status;
        if (kind == 0)
        {
            status = bench.Request(In, sector, length, true, piece);
            bench.Memory.Read(BlockBench.DataAt, data);
            if (fits)
                Assert.That(data, Is.EqualTo(model.AsSpan((int)sector * 512, (int)length).ToArray()));
        }
        else if (kind == 1)
        {
            bench.Memory.Write(BlockBench.DataAt, data);
            status = bench.Request(Out, sector, length, false, piece);
            if (fits)
                data.CopyTo(model, sector * 512);
        }
        else
        {
            bench.Memory.Write(BlockBench.DataAt, (ulong)sector);
            bench.Memory.Write(BlockBench.DataAt + 8, (ulong)sectors);
            status = bench.Request(WriteZeroes, 0, 16, false, piece);
            if (fits)
                model.AsSpan((int)sector * 512, (int)length).Clear();
        }

        Assert.That(status, Is.EqualTo(fits ? 0 : 1));
    }
}
