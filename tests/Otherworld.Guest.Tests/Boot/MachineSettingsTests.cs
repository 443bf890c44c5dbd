using System.Collections;
using System.Text;
using Emu.Core;
using Emu.X86;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Tests.Boot;

public sealed class MachineSettingsTests
{
    [Test]
    public void Everything_has_a_default() => Assert.That(Read(""), Is.EqualTo(new MachineSettings()));

    [Test]
    public void The_file_overrides_defaults_and_the_environment_overrides_the_file()
    {
        MachineSettings settings = Read("[machine]\nmemory = \"1G\"\nseed = 7\n[disk]\nimage = \"a.img,ro\"\n", ("OTHERWORLD_MACHINE__SEED", "9"), ("OTHERWORLD_CACHE", "/x"));
        Assert.Multiple(() =>
        {
            Assert.That(settings.MemorySize, Is.EqualTo(1UL << 30));
            Assert.That(settings.Seed, Is.EqualTo(9));
            Assert.That(settings.Disk, Is.EqualTo(new DiskChoice("a.img", ReadOnly: true)));
        });
    }

    [Test]
    public void The_effective_form_reads_back_as_the_same_settings()
    {
        MachineSettings settings = new() { MemorySize = 96 << 20, Seed = 3, Strict = true, WatchdogTime = 0, WatchdogStayTime = 5_000_000_000, SecondDisk = new DiskChoice("b \"c\".img", ReadOnly: false), Rng = false };
        Assert.That(Read(MachineSettingsReader.ToToml(settings)), Is.EqualTo(settings));
    }

    [TestCase("auto", null)]
    [TestCase("interpreter", EngineKind.Interpreter)]
    [TestCase("translator", EngineKind.Translator)]
    public void The_engine_is_a_choice_about_the_host_and_no_part_of_the_machine(string word, EngineKind? wanted)
    {
        MachineSettings settings = Read($"[host]\nengine = \"{word}\"\n");
        Assert.Multiple(() =>
        {
            Assert.That(settings.Engine, Is.EqualTo(wanted));
            Assert.That(settings.ToDescription(), Is.EqualTo(new MachineSettings().ToDescription()));
            Assert.That(Read(MachineSettingsReader.ToToml(settings)), Is.EqualTo(settings));
        });
    }

    [Test]
    public void The_fastest_engine_of_the_host_is_the_default_and_a_missing_one_is_an_error()
    {
        Assert.That(EngineChoice.Resolve(null), Is.EqualTo(EngineSupport.Best));
        if (EngineSupport.CanTranslate)
            Assert.That(EngineChoice.Resolve(EngineKind.Translator), Is.EqualTo(EngineKind.Translator));
        else
            Assert.That(() => EngineChoice.Resolve(EngineKind.Translator), Throws.TypeOf<OtherworldException>().With.Property("ExitCode").EqualTo(3));
    }

    [TestCase("[machine]\nmemroy = \"1G\"\n", "machine.memory")]
    [TestCase("[watchdog]\ntime = \"1s\"\n", "watchdog.timeout")]
    [TestCase("[virtio]\nconsoles = true\n", "virtio.console")]
    [TestCase("seed = 1\n", "machine.seed")]
    public void An_unknown_key_names_the_nearest_known_one(string file, string nearest)
    {
        OtherworldException? error = Assert.Throws<OtherworldException>(() => Read(file));
        Assert.That(error!.Message, Does.Contain($"'{nearest}'"));
        Assert.That(error.ExitCode, Is.EqualTo(2));
    }

    [Test]
    public void An_unknown_variable_names_the_nearest_known_one() =>
        Assert.That(() => Read("", ("OTHERWORLD_MACHINE__MEMROY", "1G")), Throws.TypeOf<OtherworldException>().With.Message.Contain("OTHERWORLD_MACHINE__MEMORY"));

    [TestCase("[machine]\nmemory = \"much\"\n", "machine.memory")]
    [TestCase("[machine]\nmemory = [1]\n", "neither text, number nor true/false")]
    [TestCase("[machine]\nstrict = \"perhaps\"\n", "neither true nor false")]
    [TestCase("[host]\nengine = \"fast\"\n", "'fast' is not an engine")]
    [TestCase("[machine\n", "is not TOML: (")]
    [TestCase("[disk]\nimage = \"a,rw\"\n", "'rw'")]
    [TestCase("[network]\ncards = \"here\"\n", "'here' is not the address of a network card")]
    [TestCase("[network]\ncards = \"02:0:0:0:0:1\"\n", "02:00:00:00:00:01")]
    [TestCase("[network]\ncards = \"03:00:00:00:00:01\"\n", "must be even")]
    [TestCase("[network]\ncards = \"02:00:00:00:00:01,02:00:00:00:00:01,02:00:00:00:00:01,02:00:00:00:00:01,02:00:00:00:00:01\"\n", "takes 4")]
    public void A_bad_value_says_where_it_stands(string file, string wanted)
    {
        OtherworldException? error = Assert.Throws<OtherworldException>(() => Read(file));
        Assert.That(error!.Message, Does.Contain(wanted).And.Not.Contain("\n"));
    }

    [Test]
    public void Different_settings_are_different_machines_but_a_path_is_not_identity()
    {
        string plain = new MachineSettings().ToDescription().Hash();
        Assert.Multiple(() =>
        {
            Assert.That(new MachineSettings { Seed = 2 }.ToDescription().Hash(), Is.Not.EqualTo(plain));
            Assert.That(new MachineSettings { Rng = false }.ToDescription().Hash(), Is.Not.EqualTo(plain));
            Assert.That(
                new MachineSettings { Disk = new DiskChoice("a", false) }.ToDescription().Hash(),
                Is.EqualTo(new MachineSettings { Disk = new DiskChoice("b", false) }.ToDescription().Hash()));
        });
    }

    [Test]
    public void The_second_disk_sits_in_the_fourth_slot_and_empty_slots_at_the_end_vanish()
    {
        MachineSettings settings = new() { SecondDisk = new DiskChoice("b", true) };
        Assert.Multiple(() =>
        {
            Assert.That(settings.ToDescription().Virtio, Is.EqualTo(new[] { "", "rng", "console", "block,ro" }));
            Assert.That(new MachineSettings { Rng = false, Console = false }.ToDescription().Virtio, Is.Empty);
        });
    }

    [Test]
    public void Network_cards_sit_behind_everything_else_and_come_back_from_a_description()
    {
        MachineSettings settings = Read("[network]\ncards = \"02:00:00:00:00:01, 02:00:00:00:00:0A\"\n");
        Assert.Multiple(() =>
        {
            Assert.That(settings.ToDescription().Virtio, Is.EqualTo(new[] { "", "rng", "console", "", "net,02:00:00:00:00:01", "net,02:00:00:00:00:0a" }));
            Assert.That(MachineSettings.Of(settings.ToDescription(), []).ToDescription(), Is.EqualTo(settings.ToDescription()));
            Assert.That(Read(MachineSettingsReader.ToToml(settings)).ToDescription(), Is.EqualTo(settings.ToDescription()));
        });
    }

    private static MachineSettings Read(string file, params (string Name, string Value)[] variables)
    {
        Hashtable environment = [];
        foreach ((string name, string value) in variables)
            environment[name] = value;
        return MachineSettingsReader.Read(Kernels.File(Encoding.UTF8.GetBytes(file), "machine.toml"), environment);
    }
}
