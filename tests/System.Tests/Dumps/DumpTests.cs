using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace System.Tests.Dumps;

/// <summary>A demo's dead kernel, opened by the programs people debug kernels with. Where one is not installed its test says so.</summary>
[TestFixture, Category("Slow")]
public sealed class DumpTests
{
    private string _folder = "";
    private string _run = "";
    private string _debugKernel = "";

    private string Live => Path.Combine(_folder, "live", "vmcore");

    private string Dead => Path.Combine(_folder, "dead", "vmcore");

    [OneTimeSetUp]
    public void DumpBoth()
    {
        _folder = Directory.CreateTempSubdirectory("otherworld-dump-").FullName;
        _run = Path.Combine(_folder, "run");
        string after = Path.Combine(_folder, "after.snapshot");
        CliResult demo = Cli.Run("demo", "--seed", "2", "--kind", "null-deref", "--image", Images.Otherworld.Folder, "--out", Path.Combine(_folder, "demo"), "--record", _run, "--json");
        Assert.That(demo.Status, Is.Zero, demo.Error);
        CliResult live = Cli.Run("dump", Path.Combine(_folder, "demo", "panic-1.snapshot"), "--out", Live, "--json");
        Assert.That(live.Status, Is.Zero, live.Error);
        _debugKernel = live.Json("debug_kernel");
        Assert.That(Cli.Run("replay", _run, "--goto", "released", "--save", after, "--json").Status, Is.Zero);
        CliResult dead = Cli.Run("dump", after, "--kernel", "dead", "--out", Dead, "--json");
        Assert.That((dead.Status, dead.Json("generation")), Is.EqualTo((0, "1")), dead.Error);
        Assert.That(dead.Json("message"), Is.Not.Empty);
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Gdb_shows_where_the_kernel_died()
    {
        string said = Tool("gdb", "-batch", "-ex", "bt", "-ex", "p init_task.comm", _debugKernel, Live);
        Assert.That(said, Does.Contain("ow_crash_run").And.Contain("\"swapper"));
        string rip = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "dead", "regs.json"))).RootElement.GetProperty("rip").GetString()!;
        Assert.That(Tool("gdb", "-batch", "-ex", "p/x $rip", "-ex", "p init_task.comm", _debugKernel, Dead), Does.Contain("$1 = 0x" + rip[2..].TrimStart('0')).And.Contain("\"swapper"));
    }

    [Test]
    public void Drgn_lists_the_processes_of_the_dead_kernel([Values] bool afterTheJump)
    {
        string script = Path.Combine(_folder, "tasks.py");
        File.WriteAllText(script, "from drgn.helpers.linux.pid import for_each_task\nfor task in for_each_task(prog):\n    print(task.pid.value_(), task.comm.string_().decode())\n");
        string[] said = Tool("drgn", "-c", afterTheJump ? Dead : Live, "-s", _debugKernel, script).Split('\n');
        foreach (string name in (string[])["vi", "load", "counter", "sleep", "sh"])
            Assert.That(said.Any(line => line.EndsWith(" " + name, StringComparison.Ordinal)), Is.True, $"{name} is missing: {string.Join("; ", said)}");
    }

    [Test]
    public void Makedumpfile_reads_the_log_that_we_read([Values("live", "dead")] string kernel)
    {
        string log = Path.Combine(_folder, kernel, "log-by-makedumpfile");
        Tool("makedumpfile", "--dump-dmesg", Path.Combine(_folder, kernel, "vmcore"), log);
        string ours = File.ReadAllText(Path.Combine(_folder, kernel, "dmesg.txt"));
        Assert.That(ours, Is.EqualTo(File.ReadAllText(log)).And.Contain("Linux version 6.1"));
    }

    [Test]
    public void Crash_shows_system_processes_stack_and_log([Values] bool afterTheJump)
    {
        string said = Crash(afterTheJump ? Dead : Live, "sys", "ps", "bt", "log");
        Assert.That(said, Does.Match("RELEASE: 6\\.1\\.").And.Match("CPUS: 1").And.Not.Contain("not found in PID hash"));
        foreach (string name in (string[])["[swapper]", "[kthreadd]", "vi", "load", "counter", "sleep", "sh"])
            Assert.That(said, Does.Match($@"(?m)^>? +\d+ .* {Regex.Escape(name)} *$"), "ps");
        Assert.That(said, Does.Match(@"(?m)^PID: \d+ +TASK: ffff[0-9a-f]{12} +CPU: 0").And.Match(@"(?m)^ *#0 \[[0-9a-f]{16}\] machine_kexec at ffffffff81").And.Match(@"CS: 0033  SS: 002b"), "bt");
        Assert.That(said, Does.Contain("Linux version 6.1").And.Contain("EXT4-fs (vda): mounted"), "log");
    }

    /// <summary>crash unwinds by its own means; our text has the very functions below the exception, in that order.</summary>
    [Test]
    public void Stack_is_that_of_crash([Values("live", "dead")] string kernel)
    {
        string bt = Crash(Path.Combine(_folder, kernel, "vmcore"), "bt");
        string[] theirs = [.. Regex.Matches(bt[bt.IndexOf("[exception RIP", StringComparison.Ordinal)..], @"#\d+ \[[0-9a-f]{16}\] (\S+) at", RegexOptions.NonBacktracking).Select(match => match.Groups[1].Value)];
        string text = File.ReadAllText(Path.Combine(_folder, kernel, "stack.txt"));
        string[] ours = [.. Regex.Matches(text, @"(?m)^ ([^<?\s]+)\+0x[0-9a-f]+/0x[0-9a-f]+$", RegexOptions.NonBacktracking).Select(match => match.Groups[1].Value)];
        Assert.That(ours, Has.Length.GreaterThan(3).And.EqualTo(theirs), text + bt);
        Assert.That(text, Does.Contain(" <TASK>").And.Contain(" </TASK>").And.Not.Contain("ends here"));
    }

    /// <summary>The demo's snapshot is of the crash path's first instruction; the mark comes when the kernel has written down how it died.</summary>
    [Test]
    public void Stack_is_the_same_further_on_the_way_out()
    {
        string further = Path.Combine(_folder, "further.snapshot"), text = Path.Combine(_folder, "further", "stack.txt");
        Assert.That(Cli.Run("replay", _run, "--goto", "panic", "--save", further, "--json").Status, Is.Zero);
        Assert.That(Cli.Run("dump", further, "--out", Path.Combine(_folder, "further", "vmcore"), "--json").Status, Is.Zero);
        string[] before = File.ReadAllLines(Path.Combine(_folder, "live", "stack.txt")), after = File.ReadAllLines(text);
        Assert.That(after[0], Does.EndWith("the kernel dies here").And.Not.EqualTo(before[0]));
        Assert.That(after[1..], Is.EqualTo(before[1..]).And.Length.GreaterThan(5));
    }

    [Test]
    public void Processes_by_inspect_are_those_of_crash([Values("live", "dead")] string kernel)
    {
        string snapshot = kernel == "dead" ? Path.Combine(_folder, "after.snapshot") : Path.Combine(_folder, "demo", "panic-1.snapshot");
        CliResult inspect = Cli.Run("inspect", snapshot, "tasks", "--kernel", kernel, "--json");
        Assert.That(inspect.Status, Is.Zero, inspect.Error);
        string[] ours = [.. JsonDocument.Parse(inspect.Output).RootElement.GetProperty("tasks").EnumerateArray().Select(task => $"{task.GetProperty("pid")} {task.GetProperty("ppid")} {task.GetProperty("name")}")];
        string ps = Crash(Path.Combine(_folder, kernel, "vmcore"), "ps");
        string[] theirs = [.. Regex.Matches(ps, @"(?m)^>? +(\d+) +(\d+) +0 +ffff\S+ .* \[?(\S+?)\]? *$", RegexOptions.NonBacktracking).Select(match => $"{match.Groups[1]} {match.Groups[2]} {match.Groups[3]}").Where(line => line[0] != '0')];
        Assert.That(ours, Has.Length.GreaterThan(20).And.EqualTo(theirs));
    }

    [Test]
    public void Raw_memory_is_that_of_the_core_file()
    {
        string raw = Path.Combine(_folder, "raw", "memory");
        Assert.That(Cli.Run("dump", Path.Combine(_folder, "demo", "panic-1.snapshot"), "--format", "raw", "--out", raw).Status, Is.Zero);
        using FileStream flat = File.OpenRead(raw);
        using FileStream core = File.OpenRead(Live);
        long head = core.Length - flat.Length;
        Assert.That((flat.Length, head), Is.EqualTo((512L << 20, 4096L)));
        byte[] one = new byte[1 << 20], other = new byte[1 << 20];
        core.Position = head;
        for (int megabyte = 0; megabyte < 512; megabyte++)
        {
            flat.ReadExactly(one);
            core.ReadExactly(other);
            if (!one.AsSpan().SequenceEqual(other))
                Assert.Fail($"they differ in MiB {megabyte}");
        }
    }

    [Test]
    public void What_cannot_be_dumped_is_refused_in_one_line()
    {
        string panic = Path.Combine(_folder, "demo", "panic-1.snapshot");
        string foreign = Path.Combine(_folder, "foreign.map");
        File.WriteAllText(foreign, "ffffffff81000000 T _text\nffffffff81700000 D init_top_pgt\nffffffff81800000 D phys_base\nffffffff81800010 D linux_banner\nffffffff81900000 B _end\n");
        foreach ((string[] arguments, string what) in ((string[], string)[])[
            ([panic, "--kernel", "dead"], "no dead kernel"),
            ([panic, "--kernel", "both"], "wanted is live or dead"),
            ([panic, "--symbols", foreign], "no kernel in this snapshot belongs to these symbols"),
            ([foreign], "snapshot")])
        {
            CliResult result = Cli.Run(["dump", .. arguments, "--out", Path.Combine(_folder, "refused")]);
            Assert.That((result.Status, result.Error.Trim().Split('\n').Length), Is.EqualTo((2, 1)), result.Error);
            Assert.That(result.Error, Does.Contain(what));
        }

        Assert.That(Directory.EnumerateFiles(_folder, "refused*"), Is.Empty);
    }

    private string Crash(string dump, params string[] commands)
    {
        string script = Path.Combine(_folder, "commands");
        File.WriteAllText(script, string.Join('\n', commands.Append("quit")) + "\n");
        return Tool("crash", "-s", "-i", script, _debugKernel, dump);
    }

    /// <summary>What a debugger says; it must end with status 0.</summary>
    private static string Tool(string program, params string[] arguments)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program))))
            Assert.Ignore($"{program} is not installed: docs/dead-kernels.md has the command");
        ProcessStartInfo start = new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, $"{program}: {output}{error.Result}");
        return output;
    }
}
