using Emu.Core.Bus;
using Emu.Core.Machine;

namespace Emu.Core.Tests.Bus;

/// <summary>Splitting, narrowing, and accesses that meet nobody.</summary>
public sealed class BusTests
{
    private readonly StopLatch _stop = new();
    private UnclaimedAccesses _unclaimed = null!;
    private PortBus _ports = null!;
    private MmioBus _mmio = null!;
    private Recorder _device = null!;

    [SetUp]
    public void SetUp()
    {
        _unclaimed = new UnclaimedAccesses(_stop, strict: false);
        _ports = new PortBus(_unclaimed);
        _mmio = new MmioBus(_unclaimed);
        _device = new Recorder();
    }

    [Test]
    public void A_wide_access_to_a_byte_device_is_split_from_the_lowest_address()
    {
        _ports.Register(0x70, 2, AccessWidths.Byte, _device);
        _ports.Write(0x70, 2, 0xBBAA);
        Assert.That(_device.Log, Is.EqualTo(new[] { "out 70 1 AA", "out 71 1 BB" }));
        Assert.That(_ports.Read(0x70, 2), Is.EqualTo(0x7170));
    }

    [Test]
    public void A_split_access_may_meet_a_device_and_nobody()
    {
        _ports.Register(0x71, 1, AccessWidths.Byte, _device);
        Assert.That(_ports.Read(0x70, 2), Is.EqualTo(0x71FF));
        Assert.That(_unclaimed[0], Is.EqualTo(new UnclaimedAccess(AccessKind.PortRead, 0x70, 1)));
    }

    [Test]
    public void Unclaimed_accesses_read_as_ones_and_are_counted_by_address()
    {
        Assert.That((_ports.Read(0xCFC, 4), _ports.Read(0xCFC, 4), _mmio.Read(0xD000_0000, 8)), Is.EqualTo((uint.MaxValue, uint.MaxValue, ulong.MaxValue)));
        _mmio.Write(0xD000_0000, 4, 0);
        Assert.That(_unclaimed.AddressCount, Is.EqualTo(3));
        Assert.That(_unclaimed[0], Is.EqualTo(new UnclaimedAccess(AccessKind.PortRead, 0xCFC, 2)));
        for (ulong i = 0; i < 1000; i++)
            _mmio.Read(0xE000_0000 + i, 1);
        Assert.That(_unclaimed.AddressCount, Is.EqualTo(UnclaimedAccesses.Capacity));
        Assert.That(_unclaimed.Overflow, Is.EqualTo(1000 - (UnclaimedAccesses.Capacity - 3)));
    }

    [Test]
    public void A_strict_machine_stops_at_the_first()
    {
        using var rig = new Rig(Rig.Small with { Strict = true });
        rig.In(0x123);
        Assert.That(rig.Machine.Run(10), Is.EqualTo(new RunResult(StopReason.Strict, 0x123)));
    }

    [Test]
    public void A_quadword_to_dword_registers_is_two_accesses()
    {
        _mmio.Register(0x1000, 0x100, AccessWidths.Dword, _device);
        _mmio.Write(0x1010, 8, 0x2222_2222_1111_1111);
        Assert.That(_device.Log, Is.EqualTo(new[] { "write 10 4 11111111", "write 14 4 22222222" }));
        Assert.That(_mmio.Read(0x1010, 8), Is.EqualTo(0x0000_0014_0000_0010));
    }

    [Test]
    public void A_narrow_read_takes_its_bytes_and_a_narrow_write_is_dropped()
    {
        _mmio.Register(0x1000, 0x100, AccessWidths.Dword, _device);
        Assert.That(_mmio.Read(0x1080, 1), Is.EqualTo(0x80));
        Assert.That(_mmio.Read(0x1081, 1), Is.Zero);
        _mmio.Write(0x1080, 1, 5);
        Assert.That(_device.Log, Has.None.StartsWith("write"));
        Assert.That(_unclaimed[0].Kind, Is.EqualTo(AccessKind.MmioWrite));
    }

    [Test]
    public void An_access_across_the_end_of_a_range_is_split_there()
    {
        _mmio.Register(0x1000, 0x100, AccessWidths.Any, _device);
        Assert.That(_mmio.Read(0x10FE, 4), Is.EqualTo(0xFFFF_00FE));
        Assert.That(_device.Log, Is.EqualTo(new[] { "read FE 2" }));
    }

    private sealed class Recorder : IPortHandler, IMmioHandler
    {
        public List<string> Log { get; } = [];

        public uint ReadPort(ushort port, int size) => port;

        public void WritePort(ushort port, int size, uint value) => Log.Add($"out {port:X} {size} {value:X}");

        public ulong ReadMmio(ulong offset, int size)
        {
            Log.Add($"read {offset:X} {size}");
            return offset;
        }

        public void WriteMmio(ulong offset, int size, ulong value) => Log.Add($"write {offset:X} {size} {value:X}");
    }
}
