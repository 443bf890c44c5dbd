using System.Text;
using Emu.Core.Devices.Virtio;
using Emu.Core.Memory;

namespace Emu.Core.Tests.Virtio;

[TestFixture]
public sealed class VirtioSmallDeviceTests
{
    private const ulong BufferAt = 0x90000;

    [Test]
    public void Equal_seeds_give_equal_entropy()
    {
        Assert.That(Entropy(7), Is.EqualTo(Entropy(7)));
        Assert.That(Entropy(7), Is.Not.EqualTo(Entropy(8)));
    }

    [Test]
    public void The_console_sends_what_the_guest_transmits()
    {
        using var memory = new GuestMemory(2 << 20);
        var sink = new RecordingSink();
        var console = new VirtioConsole("hvc0", memory, new RecordingLine(), sink);
        var driver = new TestDriver<VirtioConsole.State>(console, memory, VirtioFeatures.Common);
        driver.Start(2);
        memory.Write(BufferAt, "hello, world"u8);
        driver.Submit(1, 0, new GuestBuffer(BufferAt, 7, false), new GuestBuffer(BufferAt + 7, 5, false));
        Assert.That(sink.Text, Is.EqualTo("hello, world"));
    }

    [Test]
    public void Input_waits_until_the_guest_offers_a_buffer()
    {
        using var memory = new GuestMemory(2 << 20);
        var line = new RecordingLine();
        var console = new VirtioConsole("hvc0", memory, line, new RecordingSink());
        var driver = new TestDriver<VirtioConsole.State>(console, memory, 0);
        Assert.That(console.Inject("abc"u8), Is.EqualTo(3));
        driver.Start(2);
        driver.Submit(0, 0, new GuestBuffer(BufferAt, 2, true));
        driver.Submit(0, 1, new GuestBuffer(BufferAt + 16, 64, true));
        Assert.That(driver.TryTakeUsed(0, out _, out uint first) && driver.TryTakeUsed(0, out _, out uint second) ? (first, second) : default, Is.EqualTo((2u, 1u)));
        driver.Submit(0, 2, new GuestBuffer(BufferAt + 32, 64, true));
        Assert.That(driver.TryTakeUsed(0, out _, out _), Is.False, "nothing to deliver");
        Assert.That(console.Inject("d"u8), Is.EqualTo(1));
        var text = new byte[64];
        memory.Read(BufferAt, text);
        Assert.That(Encoding.ASCII.GetString(text).Replace("\0", "", StringComparison.Ordinal), Is.EqualTo("abcd"));
        Assert.That(line.Level);
    }

    [Test]
    public void Input_beyond_the_buffer_is_refused_and_counted_back()
    {
        using var memory = new GuestMemory(2 << 20);
        var console = new VirtioConsole("hvc0", memory, new RecordingLine(), new RecordingSink());
        Assert.That(console.Inject(new byte[2000]), Is.EqualTo(VirtioConsole.InputCapacity));
        Assert.That(console.Inject(new byte[1]), Is.Zero);
    }

    [Test]
    public void A_line_without_a_driver_asks_for_nothing()
    {
        using var memory = new GuestMemory(2 << 20);
        var console = new VirtioConsole("hvc0", memory, new RecordingLine(), new RecordingSink());
        Assert.That(console.LineRoom, Is.Zero);
        Assert.That(new TestDriver<VirtioConsole.State>(console, memory, 0).Start(queues: 2));
        Assert.That(console.LineRoom, Is.EqualTo(VirtioConsole.InputCapacity));
        console.Inject("ab"u8);
        Assert.That(console.LineRoom, Is.EqualTo(VirtioConsole.InputCapacity - 2));
    }

    [Test]
    public void A_resize_is_announced_and_can_be_read()
    {
        using var memory = new GuestMemory(2 << 20);
        var line = new RecordingLine();
        var console = new VirtioConsole("hvc0", memory, line, new RecordingSink());
        var driver = new TestDriver<VirtioConsole.State>(console, memory, 1);
        driver.Start(2);
        console.Resize(132, 50);
        Assert.That((line.Level, driver.Read(0x060), driver.Read(0x0FC)), Is.EqualTo((true, 2u, 1u)));
        Assert.That((console.ReadMmio(0x100, 2), console.ReadMmio(0x102, 2)), Is.EqualTo((132UL, 50UL)));
    }

    private static byte[] Entropy(ulong seed)
    {
        using var memory = new GuestMemory(2 << 20);
        var driver = new TestDriver<VirtioRng.State>(new VirtioRng("rng", memory, new RecordingLine(), seed), memory, VirtioFeatures.Common);
        driver.Start(1);
        driver.Submit(0, 0, new GuestBuffer(BufferAt, 100, true));
        Assert.That(driver.TryTakeUsed(0, out _, out uint written) ? written : 0, Is.EqualTo(100u));
        var bytes = new byte[100];
        memory.Read(BufferAt, bytes);
        return bytes;
    }
}
