namespace System.Tests.Boot;

/// <summary>What <c>boot</c> promises about ends, statuses and streams, shown with guests of a few instructions.</summary>
public sealed class BootVerbTests
{
    [Test]
    public void Power_off_ends_with_0()
    {
        CliResult result = Cli.Run("boot", "--kernel", BareMetal.Image(BareMetal.Print("hello\n"), BareMetal.PowerOff));
        Assert.Multiple(() =>
        {
            Assert.That(result.Status, Is.Zero, result.Error);
            Assert.That(result.Output, Is.EqualTo("hello\n"));
            Assert.That(result.Error, Does.Contain("switched the power off").And.Contain("final state: "));
        });
    }

    [TestCase(0, 1)]
    [TestCase(5, 11)]
    [TestCase(127, 255)]
    public void A_write_to_isa_debug_exit_is_the_exit_status(byte value, int wanted)
    {
        CliResult result = Cli.Run("boot", "--kernel", BareMetal.Image(BareMetal.DebugExit(value)));
        Assert.Multiple(() =>
        {
            Assert.That(result.Status, Is.EqualTo(wanted));
            Assert.That(result.Error, Does.Contain($"exit status {wanted}"));
        });
    }

    [Test]
    public void A_triple_fault_has_its_own_status_and_shows_the_registers()
    {
        CliResult result = Cli.Run("boot", "--kernel", BareMetal.Image(BareMetal.TripleFault));
        Assert.Multiple(() =>
        {
            Assert.That(result.Status, Is.EqualTo(5));
            Assert.That(result.Error, Does.Contain("RIP=0000000000200020").And.Contain("RAX=000000002badb002").And.Contain("CR0=00000011"));
        });
    }

    [Test]
    public void Exceptions_for_ever_have_their_own_status_and_show_the_registers()
    {
        CliResult result = Cli.Run("boot", "--kernel", BareMetal.Image(BareMetal.FaultLoop), "--json");
        Assert.Multiple(() =>
        {
            Assert.That(result.Status, Is.EqualTo(8));
            Assert.That(result.Json("outcome"), Is.EqualTo("fault-loop"));
            Assert.That(result.Json("icount"), Is.EqualTo("3"));
            Assert.That(result.Error, Does.Contain("fault loop").And.Contain("RIP=0000000000200032"));
        });
    }

    [Test]
    public void Reset_and_eternal_halt_have_their_own_statuses()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Cli.Run("boot", "--kernel", BareMetal.Image(BareMetal.Reset)).Status, Is.EqualTo(6));
            Assert.That(Cli.Run("boot", "--kernel", BareMetal.Image(BareMetal.HaltForever)).Status, Is.EqualTo(7));
        });
    }

    [Test]
    public void A_limit_in_instructions_is_met_exactly()
    {
        CliResult result = Cli.Run("boot", "--kernel", BareMetal.Image(BareMetal.Loop), "--limit", "12_345_678", "--json");
        Assert.Multiple(() =>
        {
            Assert.That(result.Status, Is.EqualTo(124));
            Assert.That(result.Json("icount"), Is.EqualTo("12345678"));
            Assert.That(result.Json("outcome"), Is.EqualTo("limit"));
        });
    }

    [Test]
    public void A_limit_in_guest_time_is_met_exactly()
    {
        CliResult result = Cli.Run("boot", "--kernel", BareMetal.Image(BareMetal.Loop), "--limit", "7ms", "--json");
        Assert.Multiple(() =>
        {
            Assert.That(result.Status, Is.EqualTo(124));
            Assert.That(result.Json("vtime_ns"), Is.EqualTo("7000000"));
        });
    }

    [Test]
    public void The_run_stops_at_the_text_it_waits_for_and_fails_without_it()
    {
        string kernel = BareMetal.Image(BareMetal.Print("login: more"), BareMetal.PowerOff);
        CliResult seen = Cli.Run("boot", "--kernel", kernel, "--until", "login:");
        CliResult missed = Cli.Run("boot", "--kernel", kernel, "--until", "password:");
        Assert.Multiple(() =>
        {
            Assert.That(seen.Status, Is.Zero);
            Assert.That(seen.Output, Is.EqualTo("login:"));
            Assert.That(missed.Status, Is.EqualTo(1));
            Assert.That(missed.Error, Does.Contain("'password:' did not appear"));
        });
    }

    [Test]
    public void Json_is_one_line_on_standard_output_and_the_console_is_talk()
    {
        CliResult result = Cli.Run("boot", "--kernel", BareMetal.Image(BareMetal.Print("hello\n"), BareMetal.PowerOff), "--json", "--seed", "77", "--memory", "64M");
        Assert.Multiple(() =>
        {
            Assert.That(result.Output.TrimEnd(), Does.Not.Contain("\n"));
            Assert.That(result.Error, Does.Contain("hello\n"));
            Assert.That(result.Json("seed"), Is.EqualTo("77"));
            Assert.That(result.Json().GetProperty("settings").GetProperty("machine.memory").GetString(), Is.EqualTo("64M"));
        });
    }

    [Test]
    public void Equal_identities_have_equal_final_hashes_and_another_seed_is_another_machine()
    {
        string kernel = BareMetal.Image(BareMetal.Print("x"), BareMetal.PowerOff);
        CliResult first = Cli.Run("boot", "--kernel", kernel, "--json");
        CliResult second = Cli.Run("boot", "--kernel", kernel, "--json");
        CliResult other = Cli.Run("boot", "--kernel", kernel, "--json", "--seed", "2");
        Assert.Multiple(() =>
        {
            Assert.That(second.Json("final_hash"), Is.EqualTo(first.Json("final_hash")));
            Assert.That(second.Json("machine"), Is.EqualTo(first.Json("machine")));
            Assert.That(other.Json("machine"), Is.Not.EqualTo(first.Json("machine")));
        });
    }

    [Test]
    public void The_engine_changes_nothing_but_the_speed()
    {
        string kernel = BareMetal.Image(BareMetal.Print("x"), BareMetal.PowerOff);
        CliResult usual = Cli.Run("boot", "--kernel", kernel, "--json", "-v");
        CliResult interpreter = Cli.Run("boot", "--kernel", kernel, "--json", "-v", "--engine", "interpreter");
        Assert.Multiple(() =>
        {
            Assert.That(usual.Error, Does.Contain("engine = \"auto\""));
            Assert.That(interpreter.Error, Does.Contain("engine = \"interpreter\""));
            Assert.That(interpreter.Json("final_hash"), Is.EqualTo(usual.Json("final_hash")));
            Assert.That(interpreter.Json("machine"), Is.EqualTo(usual.Json("machine")));
        });
    }

    [Test]
    public void Bad_input_gets_one_line_and_its_status([ValueSource(nameof(BadInputs))] (string Name, string[] Arguments, int Status, string Wanted) input)
    {
        string kernel = BareMetal.Image(BareMetal.PowerOff);
        CliResult result = Cli.Run([.. input.Arguments.Select(argument => argument == "KERNEL" ? kernel : argument)]);
        Assert.Multiple(() =>
        {
            Assert.That(result.Status, Is.EqualTo(input.Status));
            Assert.That(result.Output, Is.Empty);
            Assert.That(result.Error.TrimEnd(), Does.Contain(input.Wanted).And.Not.Contain("\n"));
        });
    }

    private static IEnumerable<(string Name, string[] Arguments, int Status, string Wanted)> BadInputs() =>
    [
        ("no kernel", ["boot"], 2, "--kernel"),
        ("missing kernel", ["boot", "--kernel", "/nowhere/vmlinux"], 2, "does not exist"),
        ("folder as kernel", ["boot", "--kernel", "/"], 2, "cannot be read"),
        ("foreign kernel", ["boot", "--kernel", "/etc/passwd"], 2, "no kernel we know"),
        ("missing initrd", ["boot", "--kernel", "KERNEL", "--initrd", "/nowhere/initrd"], 2, "does not exist"),
        ("odd memory size", ["boot", "--kernel", "KERNEL", "--memory", "513K"], 2, "multiple of 2 MiB"),
        ("no size", ["boot", "--kernel", "KERNEL", "--memory", "much"], 2, "'much' is not a size"),
        ("missing disk", ["boot", "--kernel", "KERNEL", "--disk", "/nowhere/disk"], 2, "/nowhere/disk"),
        ("odd disk option", ["boot", "--kernel", "KERNEL", "--disk", "a,rw"], 2, "FILE,ro"),
        ("missing machine file", ["boot", "--kernel", "KERNEL", "--machine", "/nowhere/machine.toml"], 2, "does not exist"),
        ("no limit", ["boot", "--kernel", "KERNEL", "--limit", "soon"], 2, "'soon' is not a limit"),
        ("no pace", ["boot", "--kernel", "KERNEL", "--pace", "slow"], 2, "realtime or max"),
        ("no engine", ["boot", "--kernel", "KERNEL", "--engine", "fast"], 2, "'fast' is not an engine"),
        ("no engine for the demo", ["demo", "--engine", "fast"], 2, "'fast' is not an engine"),
        ("unknown option", ["boot", "--kernl", "x"], 2, "--kernl"),
        ("unknown verb", ["bot"], 2, "bot"),
        ("missing snapshot", ["boot", "--from", "/nowhere/snapshot"], 2, "/nowhere/snapshot"),
    ];

    [Test]
    public void An_unknown_key_in_the_machine_file_names_the_nearest_known_one()
    {
        string file = Path.Combine(TestContext.CurrentContext.WorkDirectory, "bad-machine.toml");
        File.WriteAllText(file, "[machine]\nmemroy = \"1G\"\n");
        CliResult result = Cli.Run("boot", "--kernel", BareMetal.Image(BareMetal.PowerOff), "--machine", file);
        Assert.Multiple(() =>
        {
            Assert.That(result.Status, Is.EqualTo(2));
            Assert.That(result.Error, Does.Contain("'machine.memory'"));
        });
    }

    [Test]
    public void Flags_override_the_environment()
    {
        string kernel = BareMetal.Image(BareMetal.PowerOff);
        Dictionary<string, string> environment = new() { ["OTHERWORLD_MACHINE__MEMORY"] = "64M" };
        Assert.Multiple(() =>
        {
            Assert.That(Cli.Run(environment, "boot", "--kernel", kernel, "--json").Json().GetProperty("settings").GetProperty("machine.memory").GetString(), Is.EqualTo("64M"));
            Assert.That(Cli.Run(environment, "boot", "--kernel", kernel, "--json", "--memory", "32M").Json().GetProperty("settings").GetProperty("machine.memory").GetString(), Is.EqualTo("32M"));
        });
    }

    [Test]
    public void Help_and_version_are_the_manual()
    {
        CliResult help = Cli.Run("boot", "--help");
        Assert.Multiple(() =>
        {
            Assert.That(help.Status, Is.Zero);
            foreach (string option in new[] { "--kernel", "--initrd", "--append", "--memory", "--disk", "--until", "--limit", "--pace", "--machine", "--from", "--json" })
                Assert.That(help.Output, Does.Contain(option));
            Assert.That(Cli.Run("--version").Output.Trim(), Does.Match(@"^\d+\.\d+\.\d+(\+[0-9a-f]{40})?$"));
        });
    }
}
