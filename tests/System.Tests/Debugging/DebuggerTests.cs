using System.Text.Json;
using Otherworld.Guest.Images;
using Otherworld.Guest.Symbols;

namespace System.Tests.Debugging;

/// <summary>Debian's gdb, as it is, on a guest of a few bytes and on a kernel's boot.</summary>
[TestFixture]
public sealed class DebuggerTests
{
    /// <summary>Counts a word up to 1000 and ends with exit status 85.</summary>
    private static readonly byte[] Counting =
    [
        0xB9, 0xE8, 0x03, 0x00, 0x00,       // 200020: mov ecx, 1000
        0xFF, 0x05, 0x00, 0x00, 0x30, 0x00, // 200025: inc dword ptr [300000h]
        0x49,                               // 20002B: dec ecx
        0x75, 0xF7,                         // 20002C: jnz 200025
    ];

    private string _folder = "";

    [OneTimeSetUp]
    public void FindGdb()
    {
        _folder = Directory.CreateTempSubdirectory("otherworld-gdb-").FullName;
        Gdb.NeedIt();
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_guest_is_stepped_stopped_and_watched_and_ends_as_without_debugger()
    {
        string[] boot = ["boot", "--kernel", BareMetal.Image(Counting, BareMetal.DebugExit(42)), "--json"];
        CliResult plain = Cli.Run(boot);
        (string talk, CliResult debugged) = Debug(
            boot,
            "break *0x200025", "continue", "continue", "printf \"rcx=%d\\n\", $rcx", "stepi", "printf \"pc=%x icount=%d\\n\", $pc, $icount", "delete",
            "watch *(int*)0x300000", "continue", "continue", "p $cr0", "monitor xp /2xw 0x300000", "monitor x /1dw 0x300000", "monitor gva2gpa 0x300000", "monitor x /9z 1", "monitor info clock", "monitor info nonsense",
            "delete", "continue", "monitor when", "continue");
        Assert.That(talk, Does.Contain("rcx=999").And.Contain("pc=20002b icount=5"));
        Assert.That(talk, Does.Contain("Old value = 2\nNew value = 3").And.Contain("Old value = 3\nNew value = 4"));
        Assert.That(talk, Does.Contain("0000000000300000: 0x00000004 0x00000000\n").And.Contain("0000000000300000: 4\n").And.Contain("gpa: 0x300000").And.Contain("wanted is an address"));
        Assert.That(talk, Does.Match("Now +0x[0-9a-f]{16}").And.Contain("info is about registers"));
        Assert.That(talk, Does.Contain("PE").And.Contain("the run ends here: DebugExit").And.Contain("exited normally"));
        Assert.That((plain.Status, debugged.Status, debugged.Json("final_hash")), Is.EqualTo((85, 85, plain.Json("final_hash"))), debugged.Error);
    }

    [Test]
    public void A_guest_is_debugged_backwards()
    {
        (string talk, CliResult _) = Debug(
            ["boot", "--kernel", BareMetal.Image(Counting, BareMetal.DebugExit(42)), "--json"],
            "break *0x20002e", "continue", "delete", "watch *(int*)0x300000", "reverse-continue", "reverse-continue", "printf \"pc=%x\\n\", $pc", "delete",
            "reverse-stepi", "reverse-stepi", "printf \"pc=%x rcx=%d\\n\", $pc, $rcx", "monitor last-writer 0x300000 4", "monitor why 10", "reverse-continue", "kill");
        Assert.That(talk, Does.Contain("Old value = 1000\nNew value = 999").And.Contain("Old value = 999\nNew value = 998"));
        Assert.That(talk, Does.Contain("pc=200025").And.Contain("pc=20002b rcx=3"));
        Assert.That(talk, Does.Contain("written last by the instruction at 0x200025").And.Contain("0x20002c -> 0x200025"));
        Assert.That(talk, Does.Contain("No more reverse-execution history"));
    }

    [Test]
    public void A_recorded_run_is_replayed_under_the_debugger_and_stays_the_same()
    {
        string run = Path.Combine(_folder, "run");
        CliResult recorded = Cli.Run("boot", "--kernel", BareMetal.Image(Counting, BareMetal.DebugExit(42)), "--record", run, "--json");
        (string talk, CliResult replayed) = Debug(
            ["replay", run, "--json"],
            "break *0x20002e", "continue", "reverse-stepi", "printf \"pc=%x\\n\", $pc", "set var $rcx = 7", "continue", "continue", "detach");
        Assert.That(talk, Does.Contain("pc=20002c").And.Contain("Could not write register"));
        Assert.That((replayed.Status, replayed.Json("verdict"), replayed.Json("final_hash")), Is.EqualTo((0, "identical", recorded.Json("final_hash"))), replayed.Error);
    }

    [Test]
    public void What_a_debugger_writes_into_a_recorded_run_is_replayed()
    {
        string run = Path.Combine(_folder, "written");
        string[] boot = ["boot", "--kernel", BareMetal.Image(Counting, BareMetal.DebugExit(42)), "--json"];
        CliResult plain = Cli.Run(boot);
        (string talk, CliResult recorded) = Debug(
            [.. boot, "--record", run],
            "break *0x20002b", "continue", "continue", "set var $rcx = 7", "set var {int}0x300000 = 500", "set var $xmm3.v4_int32[1] = 9", "stepi", "set var $eflags = $eflags ^ 1", "set var $r9 = $icount", "delete", "continue", "p {int}0x300000", "continue");
        Assert.That(talk, Does.Contain("$1 = 506"));
        Assert.That((recorded.Status, recorded.Json("final_hash")), Is.Not.EqualTo((plain.Status, plain.Json("final_hash"))), recorded.Error);
        // Six: both halves of XMM3 are inputs.
        foreach (string engine in (string[])["interpreter", "auto"])
        {
            CliResult replayed = Cli.Run("replay", run, "--verify", "--engine", engine, "--json");
            Assert.That((replayed.Status, replayed.Json("verdict"), replayed.Json("final_hash"), replayed.Json("inputs")), Is.EqualTo((0, "identical", recorded.Json("final_hash"), "6")), replayed.Error);
        }
    }

    [Test]
    public void A_demo_of_two_deaths_waits_at_the_last_and_goes_on_without_a_debugger_that_detaches()
    {
        string[] demo = ["demo", "--seed", "3", "--kind", "bug", "--crashes", "2", "--image", Images.Otherworld.Folder, "--out", Path.Combine(_folder, "twice"), "--json"];
        CliResult plain = Cli.Run(demo);
        JsonElement last = plain.Json().GetProperty("panics")[1];
        (string talk, CliResult debugged) = Debug(demo, "printf \"icount=%ld\\n\", $icount", "stepi", "detach");
        Assert.That(talk, Does.Contain($"icount={last.GetProperty("icount").GetUInt64()}"));
        Assert.That((debugged.Status, debugged.Json("verdict"), debugged.Json("final_hash")), Is.EqualTo((0, "resurrected", plain.Json("final_hash"))), debugged.Error);
    }

    [Test]
    public void A_demo_that_the_debugger_kills_ends_there_and_says_so()
    {
        (_, CliResult killed) = Debug(["demo", "--seed", "3", "--kind", "bug", "--image", Images.Otherworld.Folder, "--out", Path.Combine(_folder, "killed"), "--json"], "stepi", "kill");
        Assert.That(killed.Status, Is.EqualTo(1));
        Assert.That(killed.Json("verdict"), Does.Contain("debugger"));
        Assert.That(killed.Error, Does.Contain("the debugger ended the run"));
    }

    [Test]
    public void A_demo_waits_at_its_fault_and_ends_as_without_debugger()
    {
        string[] demo = ["demo", "--seed", "3", "--kind", "bug", "--image", Images.Otherworld.Folder, "--out", Path.Combine(_folder, "demo"), "--json"];
        CliResult plain = Cli.Run(demo);
        ulong fault = plain.Json().GetProperty("panic").GetProperty("icount").GetUInt64();
        string death = $"*0x{SymbolTable.Load(Images.Otherworld.Path(ImageRoles.SystemMap)).AddressOf("ow_crash_run"):x}";
        (string talk, CliResult debugged) = Debug(
            demo, "printf \"icount=%ld\\n\", $icount", "stepi", $"break {death}", "continue", "monitor when", "reverse-stepi", "monitor when", "stepi", "delete", "continue");
        Assert.That(talk, Does.Contain($"icount={fault}").And.Contain("<ow_crash_run>").And.Contain("exited normally"));
        Assert.That((debugged.Status, debugged.Json("verdict"), debugged.Json("final_hash")), Is.EqualTo((0, "resurrected", plain.Json("final_hash"))), debugged.Error);
        Assert.That(debugged.Json("phases"), Is.EqualTo(plain.Json("phases")));
    }

    [Test]
    public void A_kernel_is_debugged_with_its_symbols()
    {
        GuestImage image = Images.Otherworld;
        string append = "console=ttyS0 quiet tsc=reliable no_timer_check panic=-1 otherworld";
        string map = image.Path(ImageRoles.SystemMap);
        string[] boot =
        [
            "boot", "--kernel", image.Path(ImageRoles.Vmlinux), "--initrd", image.Path(ImageRoles.Initramfs), "--append", append, "--limit", "30_000_000", "--json",
        ];
        CliResult plain = Cli.Run(boot);
        string start = "*0x" + Address(map, "start_kernel"), timer = "*0x" + Address(map, "do_timer");
        (string talk, CliResult debugged) = Debug(
            [.. boot, "--symbols", map],
            "break " + start, "continue", "break " + timer, "continue", "continue", "monitor when", "stepi 3", "monitor last-writer jiffies", "reverse-continue", "reverse-continue", "reverse-continue", "monitor when", "reverse-stepi", "monitor when",
            "delete", "continue", "continue");
        Assert.That(talk, Does.Contain("<do_timer>").And.Contain("<start_kernel>").And.Contain("<do_timer+0x1>"));
        Assert.That(debugged.Json("final_hash"), Is.EqualTo(plain.Json("final_hash")), debugged.Error);
    }

    [Test]
    public void What_is_no_place_to_connect_to_is_refused_in_one_line()
    {
        string kernel = BareMetal.Image(Counting);
        foreach (string[] wrong in (string[][])[["--gdb=99999"], ["--gdb=unix:"], ["--gdb=/tmp/x"], ["--symbols", "x"], ["--gdb=unix:/nowhere/at/all"], ["--gdb", "--lockstep"]])
        {
            CliResult result = Cli.Run(["boot", "--kernel", kernel, .. wrong]);
            Assert.That((result.Status is 2 or 3, result.Error.Trim().Split('\n').Length), Is.EqualTo((true, 1)), result.Error);
        }
    }

    private static string Address(string map, string symbol) => File.ReadLines(map).First(line => line.EndsWith(" " + symbol, StringComparison.Ordinal)).Split(' ')[0];

    private (string Talk, CliResult Result) Debug(string[] arguments, params string[] commands) => Gdb.Run(_folder, arguments, commands);
}
