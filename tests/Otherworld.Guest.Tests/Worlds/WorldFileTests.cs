using System.Text;
using Emu.Core;
using Emu.Core.Devices;
using Otherworld.Guest.Elf;
using Otherworld.Guest.Images;
using Otherworld.Guest.Worlds;

namespace Otherworld.Guest.Tests.Worlds;

public sealed class WorldFileTests
{
    private const string One = "[[machines]]\nname = \"one\"\nkernel = \"k1\"\n";
    private const string Two = One + "[[machines]]\nname = \"two\"\nkernel = \"k2\"\n";
    private const string Link = "[[links]]\nbetween = [\"one\", \"two\"]\n";

    [Test]
    public void A_file_with_everything_is_read()
    {
        WorldPlan plan = Read("""
            [world]
            seed = 5
            quantum = "50us"
            [[machines]]
            name = "server"
            kernel = "vmlinux"
            initrd = "root.cpio"
            append = "console=ttyS0"
            console = "server.log"
            input = "server.in"
            memory = "64M"
            strict = true
            disk.image = "a.img,ro"
            virtio.rng = false
            watchdog.timeout = "3s"
            [[machines]]
            name = "client"
            kernel = "vmlinux"
            seed = 77
            [[links]]
            between = ["server", "client"]
            latency = "200us"
            bandwidth = "100M"
            loss = 0.015
            [[links]]
            between = ["client", "server"]
            bandwidth = 0
            """);
        MachinePlan server = plan.Machines[0], client = plan.Machines[1];
        Assert.Multiple(() =>
        {
            Assert.That((plan.Seed, plan.Quantum), Is.EqualTo((5UL, 50_000UL)));
            Assert.That((server.Name, server.Kernel, server.Initrds[0], server.CommandLine, server.Console, server.Input), Is.EqualTo(("server", "vmlinux", "root.cpio", "console=ttyS0", "server.log", "server.in")));
            Assert.That((server.Settings.MemorySize, server.Settings.Strict, server.Settings.Rng, server.Settings.WatchdogTime), Is.EqualTo((64UL << 20, true, false, 3_000_000_000UL)));
            Assert.That(server.Settings.ToDescription().Virtio, Is.EqualTo(new[] { "block,ro", "", "console", "", "net,02:00:00:00:01:01", "net,02:00:00:00:02:01" }));
            Assert.That((server.Settings.Seed, client.Settings.Seed), Is.EqualTo((5UL, 77UL)));
            Assert.That((plan.Links[0].Latency, plan.Links[0].Bandwidth, plan.Links[0].Loss), Is.EqualTo((200_000UL, 100_000_000UL, 15_000u)));
            Assert.That((plan.Links[1].Latency, plan.Links[1].Bandwidth, plan.Links[1].Loss), Is.EqualTo((100_000UL, 0UL, 0u)));
            Assert.That(client.DefaultCommandLine, Does.EndWith("virtio_mmio.device=512@0xfeb00800:6 virtio_mmio.device=512@0xfeb00a00:14"));
        });
    }

    [Test]
    public void Machines_have_different_seeds_by_default_and_the_flag_moves_them()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Read(Two).Machines.Select(machine => machine.Settings.Seed), Is.EqualTo(new ulong[] { 1, 2 }));
            Assert.That(WorldFile.Read(File(Two), NoImage, seed: 9).Machines.Select(machine => machine.Settings.Seed), Is.EqualTo(new ulong[] { 9, 10 }));
        });
    }

    [TestCase("[machine]\nmemory = \"1G\"\n", false)]
    [TestCase("", false)]
    [TestCase(One, true)]
    [TestCase(Link, true)]
    [TestCase("[world]\nseed = 1\n", true)]
    public void A_file_of_several_machines_is_told_from_one_of_settings(string text, bool isWorld) => Assert.That(WorldFile.IsWorld(File(text)), Is.EqualTo(isWorld));

    [TestCase("[world]\nseed = 1\n", "no [[machines]]")]
    [TestCase(Two + "[machine]\nmemory = \"1G\"\n", "'machine' of the file. The nearest known one is 'machines'")]
    [TestCase("[world]\nseeds = 1\n" + Two, "The nearest known one is 'seed'")]
    [TestCase("world = 1\n" + Two, "write [world]")]
    [TestCase("machines = 1\n", "write [[machines]]")]
    [TestCase("[machines]\nname = \"one\"\n", "write [[machines]]")]
    [TestCase("[[machines]]\nkernel = \"k\"\n", "machine 1 has no name")]
    [TestCase("[[machines]]\nname = \"a b\"\nkernel = \"k\"\n", "'a b' is no name")]
    [TestCase("[[machines]]\nname = \"../up\"\nkernel = \"k\"\n", "is no name")]
    [TestCase("[[machines]]\nname = \"one\"\n", "neither kernel nor image")]
    [TestCase("[[machines]]\nname = \"one\"\nimage = \"none\"\n", "no such image")]
    [TestCase(One + "memroy = \"1G\"\n", "The nearest known one is 'memory'")]
    [TestCase(One + "memory = \"much\"\n", "machine.memory of machine 'one'")]
    [TestCase(One + "disk.picture = \"x\"\n", "unknown key 'disk.picture'")]
    [TestCase(One + "network.cards = \"02:00:00:00:00:01\"\n", "by the [[links]]")]
    [TestCase(Two + "[[links]]\nlatency = \"1ms\"\n", "link 1 does not say which machines it joins")]
    [TestCase(Two + "[[links]]\nbetween = \"one\"\n", "link 1 does not say which machines it joins")]
    [TestCase(Two + Link + "latency = \"soon\"\n", "the latency of link 1")]
    [TestCase(Two + Link + "bandwidth = \"fast\"\n", "is not a bit rate")]
    [TestCase(Two + Link + "loss = 1.5\n", "a number from 0 to 1")]
    [TestCase(Two + Link + "loss = -0.1\n", "a number from 0 to 1")]
    [TestCase(Two + Link + "losses = 0.1\n", "The nearest known one is 'loss'")]
    [TestCase(Two + Link + Link + Link + Link + Link, "it takes 4")]
    [TestCase("[[machines]\n", "is not TOML")]
    public void What_makes_no_sense_is_one_clear_line(string text, string wanted)
    {
        OtherworldException? error = Assert.Throws<OtherworldException>(() => Read(text));
        Assert.That(error!.Message, Does.Contain(wanted).And.Contain("world.toml").Or.Contain("no such image"));
        Assert.That((error.Message.Contains('\n', StringComparison.Ordinal), error.ExitCode), Is.EqualTo((false, 2)));
    }

    [TestCase(Two + "[[links]]\nbetween = [\"one\", \"three\"]\n", "no machine of that name")]
    [TestCase(Two + "[[links]]\nbetween = [\"one\"]\n", "at least two")]
    [TestCase(Two + "[[links]]\nbetween = [\"one\", \"one\"]\n", "with itself")]
    [TestCase(One + One, "two machines are called 'one'")]
    [TestCase(Two + Link + "latency = \"500ns\"\n", "1us to 10s")]
    [TestCase("[world]\nquantum = \"1ms\"\n" + Two + Link, "longer than the shortest latency")]
    [TestCase(Two + Link, "kernel of 'one' 'k1' does not exist")]
    public void What_cannot_be_joined_is_refused_before_anything_runs(string text, string wanted) =>
        Assert.That(() => GuestWorld.Create(Read(text), _ => NullSink.Instance), Throws.TypeOf<OtherworldException>().With.Message.Contain(wanted));

    private static WorldPlan Read(string text) => WorldFile.Read(File(text), NoImage);

    private static GuestImage NoImage(string name) => throw new OtherworldException($"no such image: {name}");

    private static FileBytes File(string text) => new("world.toml", Encoding.UTF8.GetBytes(text));
}
