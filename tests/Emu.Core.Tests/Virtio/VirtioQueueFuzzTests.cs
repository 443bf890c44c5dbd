using CsCheck;
using Emu.Core.Devices.Network;
using Emu.Core.Devices.Virtio;
using Emu.Core.Memory;
using Emu.Core.Time;

namespace Emu.Core.Tests.Virtio;

/// <summary>The guest can do anything and never harm the host, nor make a device write where no descriptor told it to.</summary>
[TestFixture]
public sealed class VirtioQueueFuzzTests
{
    private const ulong Desc = TestDriver<VirtioBlockState>.DescBase;

    private static readonly Gen<ulong> Address = Gen.OneOf(
        Gen.ULong[0, 0x1F_FFFF],
        Gen.ULong[0x1F_F000, 0x20_1000],
        Gen.ULong[Desc, Desc + 0x4000],
        Gen.ULong,
        Gen.ULong[ulong.MaxValue - 0x2000, ulong.MaxValue]);

    private static readonly Gen<uint> Length = Gen.OneOf(Gen.UInt[0, 64], Gen.UInt[0, 70_000], Gen.OneOf(1u, 16u, 512u, uint.MaxValue), Gen.UInt);

    private static readonly Gen<(ulong Address, uint Length, int Flags, int Next)> Descriptor =
        Gen.Select(Address, Length, Gen.OneOf(Gen.Int[0, 7], Gen.Int[1, 3], Gen.Int[0, 0xFFFF]), Gen.OneOf(Gen.Int[0, 15], Gen.Int[0, 0xFFFF]));

    [Test]
    public void Random_descriptors_never_make_a_device_write_outside_writable_buffers()
    {
        Gen.Select(Descriptor.Array[16], Gen.UShort[0, 20].Array[1, 16], Gen.OneOf(0UL, VirtioFeatures.Common), Gen.UInt[0, 13]).Sample((descriptors, heads, features, type) =>
        {
            using var bench = new BlockBench(new byte[64 * 512], features & ~VirtioFeatures.IndirectDescriptors, latency: 0);
            bench.Driver.Start(1);
            for (int i = 0; i < descriptors.Length; i++)
                bench.Driver.Describe(Desc, i, descriptors[i].Address, descriptors[i].Length, descriptors[i].Flags, descriptors[i].Next);
            bench.Memory.Write(0x1000, type);
            foreach (ushort head in heads)
                bench.Driver.Offer(0, head);
            byte[] before = Copy(bench.Memory);
            bool[] allowed = Writable(before.Length, descriptors);
            bench.Driver.Write(0x050, 0);
            byte[] after = Copy(bench.Memory);
            for (int i = 0; i < after.Length; i++)
            {
                if (after[i] != before[i] && !allowed[i])
                    Assert.Fail($"byte {i:x} changed");
            }
        }, iter: 500);
    }

    [Test]
    public void Random_indirect_tables_are_survived_by_every_device()
    {
        Gen.Select(Descriptor.Array[16], Descriptor.Array[64], Gen.UShort[0, 20].Array[1, 16], Gen.Int[0, 3]).Sample((descriptors, table, heads, device) =>
        {
            for (int i = 0; i < descriptors.Length; i += 2)
                descriptors[i] = (0x30000 + ((ulong)i * 64), (uint)(16 * (1 + (descriptors[i].Length % 40))), 4, 0);
            using var memory = new GuestMemory(2 << 20);
            var clock = new MachineClock();
            var events = new EventQueue(clock);
            switch (device)
            {
                case 0:
                    using (var bench = new BlockBench(new byte[64 * 512], VirtioFeatures.Common))
                        Drive(bench.Driver, bench.Memory, 1, descriptors, table, heads, bench.Settle);
                    break;
                case 1:
                    var rng = new VirtioRng("rng", memory, new RecordingLine(), 7);
                    Drive(new TestDriver<VirtioRng.State>(rng, memory, VirtioFeatures.Common), memory, 1, descriptors, table, heads, () => { });
                    break;
                case 2:
                    var card = new VirtioNet("net0", memory, new RecordingLine(), new MacAddress(0x0200_0000_0001), clock, UnpluggedCable.Instance);
                    Drive(new TestDriver<VirtioNet.State>(card, memory, VirtioFeatures.Common | (1 << 15)), memory, 2, descriptors, table, heads, () => card.Receive(new byte[900]));
                    break;
                default:
                    var console = new VirtioConsole("hvc0", memory, new RecordingLine(), new RecordingSink());
                    Drive(new TestDriver<VirtioConsole.State>(console, memory, VirtioFeatures.Common), memory, 2, descriptors, table, heads, () => console.Inject(new byte[900]));
                    break;
            }
        }, iter: 1000);
    }

    [Test]
    public void Any_access_pattern_is_answered_without_exception()
    {
        Gen<(bool Write, int Offset, int Size, uint Value)> access = Gen.Select(
            Gen.Bool, Gen.OneOf(Gen.Int[0, 0x1FF], Gen.Int[0, 0x3F].Select(i => i * 4)), Gen.OneOf(1, 2, 4, 4, 4), Gen.OneOf(Gen.UInt, Gen.UInt[0, 16], Gen.OneOf(15u, 0x10000u)));
        access.Array[1, 200].Sample(accesses =>
        {
            using var bench = new BlockBench(new byte[4096]);
            bench.Driver.Start(1);
            foreach ((bool write, int offset, int size, uint value) in accesses)
            {
                if (write)
                    bench.Device.WriteMmio((ulong)offset, size, value);
                else
                    bench.Device.ReadMmio((ulong)offset, size);
            }

            bench.Settle();
        }, iter: 1000);
    }

    [TestCase(VirtioFault.AvailableIndex)]
    [TestCase(VirtioFault.DescriptorIndex)]
    [TestCase(VirtioFault.ChainLength)]
    [TestCase(VirtioFault.ChainOrder)]
    [TestCase(VirtioFault.IndirectTable)]
    [TestCase(VirtioFault.BufferAddress)]
    [TestCase(VirtioFault.Request)]
    public void Each_broken_rule_asks_for_a_reset_and_is_named(VirtioFault fault)
    {
        using var bench = new BlockBench(new byte[4096], VirtioFeatures.IndirectDescriptors, latency: 0);
        bench.Driver.Start(1);
        Break(bench, fault);
        bench.Driver.Write(0x050, 0);
        Assert.That(bench.Device.Faults, Is.EqualTo((1u, fault)));
        Assert.That(bench.Driver.Read(0x070) & (uint)VirtioStatus.DeviceNeedsReset, Is.Not.Zero);
        Assert.That((bench.Line.Level, bench.Driver.Read(0x060)), Is.EqualTo((true, 2u)));
        Assert.That(bench.Driver.Start(1), "a reset makes it work again");
        Assert.That(bench.Request(4, 0, 0, false), Is.Zero);
    }

    private static void Break(BlockBench bench, VirtioFault fault)
    {
        TestDriver<VirtioBlockState> driver = bench.Driver;
        driver.Describe(Desc, 0, 0x80000, 16, 1, 1);
        driver.Describe(Desc, 1, 0x80100, 1, 2, 0);
        switch (fault)
        {
            case VirtioFault.AvailableIndex:
                for (int i = 0; i < 17; i++)
                    driver.Offer(0, 0);
                return;
            case VirtioFault.DescriptorIndex:
                driver.Describe(Desc, 0, 0x80000, 16, 1, 16);
                break;
            case VirtioFault.ChainLength:
                driver.Describe(Desc, 0, 0x80000, 16, 1, 0);
                break;
            case VirtioFault.ChainOrder:
                driver.Describe(Desc, 0, 0x80000, 16, 1 | 2, 1);
                driver.Describe(Desc, 1, 0x80100, 1, 0, 0);
                break;
            case VirtioFault.IndirectTable:
                driver.Describe(Desc, 0, 0x80000, 17, 4, 0);
                break;
            case VirtioFault.BufferAddress:
                driver.Describe(Desc, 1, 0x1F_FFFF, 2, 2, 0);
                break;
            default:
                driver.Describe(Desc, 0, 0x80000, 8, 1, 1);
                break;
        }

        driver.Offer(0, 0);
    }

    private static void Drive<TFunction>(
        TestDriver<TFunction> driver, GuestMemory memory, int queues, (ulong Address, uint Length, int Flags, int Next)[] descriptors,
        (ulong Address, uint Length, int Flags, int Next)[] table, ushort[] heads, Action settle)
        where TFunction : unmanaged
    {
        driver.Start(queues);
        for (int i = 0; i < table.Length; i++)
            driver.Describe(0x30000, i, table[i].Address, table[i].Length, table[i].Flags, table[i].Next);
        for (int queue = 0; queue < queues; queue++)
        {
            for (int i = 0; i < descriptors.Length; i++)
                driver.Describe(Desc + ((ulong)queue * TestDriver<TFunction>.QueueStride), i, descriptors[i].Address, descriptors[i].Length, descriptors[i].Flags, descriptors[i].Next);
            foreach (ushort head in heads)
                driver.Offer(queue, head);
            driver.Write(0x050, (uint)queue);
        }

        settle();
    }

    private static byte[] Copy(GuestMemory memory)
    {
        var bytes = new byte[memory.Size];
        memory.Read(0, bytes);
        return bytes;
    }

    /// <summary>The used ring, and whatever a descriptor marks as writable: also the rings, if one points there.</summary>
    private static bool[] Writable(int size, (ulong Address, uint Length, int Flags, int Next)[] descriptors)
    {
        var allowed = new bool[size];
        Array.Fill(allowed, true, (int)TestDriver<VirtioBlockState>.DeviceBase, 6 + (8 * 16));
        bool overRings = false;
        foreach ((ulong address, uint length, int flags, int _) in descriptors)
        {
            if ((flags & 2) == 0 || address >= (ulong)size)
                continue;
            int count = (int)Math.Min(length, (ulong)size - address);
            Array.Fill(allowed, true, (int)address, count);
            overRings |= address < Desc + 0x100 && address + length > Desc;
        }

        // A device told to overwrite its own descriptors may then find any others there.
        if (overRings)
            Array.Fill(allowed, true);
        return allowed;
    }
}
