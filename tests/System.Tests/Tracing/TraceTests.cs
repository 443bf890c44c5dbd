using System.Globalization;
using Otherworld.Guest.Crashes;
using Otherworld.Guest.Experiments;

namespace System.Tests.Tracing;

/// <summary>Traces of real recorded runs: a guest whose own counters are compared with what the trace saw, and a demo that dies.</summary>
[TestFixture]
public sealed class TraceTests
{
    private string _folder = "";
    private string _said = "";
    private string _hash = "";
    private TraceLine[] _lines = [];

    private string RunPath => Path.Combine(_folder, "run");

    [OneTimeSetUp]
    public void Record()
    {
        _folder = Directory.CreateTempSubdirectory("otherworld-trace-").FullName;
        using DemoRun run = new(new DemoOptions { Image = Images.Otherworld, Record = RunPath });
        Assert.That(run.Boot(), Is.Null);
        foreach (string command in (string[])["cat /proc/stat", "cat /proc/interrupts", "dd if=/dev/zero of=/dev/null bs=1 count=123"])
        {
            int said = run.Console.Lines[0].Length;
            Assert.That(run.Console.Type(0, command + "\n"), Is.True);
            Assert.That(run.Console.WaitFor(run.Console.Lines[0], said, "otherworld# ", 100_000_000), Is.Not.Null, command);
        }

        run.Console.FinishRecording();
        _said = run.Console.Lines[0].From(0);
        _hash = run.Console.Guest.Machine.StateHash().ToString("x16", CultureInfo.InvariantCulture);
        string text = Path.Combine(_folder, "trace.txt");
        CliResult trace = Cli.Run("trace", RunPath, "--format", "text", "--out", text, "--json");
        Assert.That((trace.Status, trace.Json("verdict"), trace.Json("final_hash")), Is.EqualTo((0, "identical", _hash)), trace.Error);
        _lines = [.. File.ReadLines(text).Select(TraceLine.Parse)];
        Assert.That(_lines.Count(line => line.Word == "switch"), Is.EqualTo(trace.Json().GetProperty("switches").GetInt32()));
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Context_switches_are_those_the_guest_counts()
    {
        (int first, int last) = ReadOf("/proc/stat");
        int counted = NumberBehind("\nctxt ");
        Assert.That(counted, Is.InRange(Count("switch", "", first), Count("switch", "", last)).And.GreaterThan(100));
    }

    [Test]
    public void Timer_interrupts_are_those_the_guest_counts()
    {
        (int first, int last) = ReadOf("/proc/interrupts");
        int counted = NumberBehind("LOC:");
        Assert.That(counted, Is.InRange(Count("interrupt", "apic_timer_interrupt", first), Count("interrupt", "apic_timer_interrupt", last)).And.GreaterThan(5));
    }

    [Test]
    public void System_calls_of_a_program_are_those_it_makes()
    {
        TraceLine[] calls = [.. _lines.Where(line => line.Task.StartsWith("dd-", StringComparison.Ordinal) && line.Word == "call")];
        Assert.That(calls.Count(line => line.Text.StartsWith("read(0x0, ", StringComparison.Ordinal) && line.Text.EndsWith(" 0x1)", StringComparison.Ordinal)), Is.EqualTo(123));
        Assert.That(calls.Count(line => line.Text.StartsWith("write(0x1, ", StringComparison.Ordinal)), Is.EqualTo(123));
        Assert.That(_lines.Count(line => line.Task == calls[0].Task && line.Word == "end" && line.Text.StartsWith("write = 1 ", StringComparison.Ordinal)), Is.EqualTo(123));
        Assert.That(_lines.Count(line => line.Task == calls[0].Task && line.Word == "exit"), Is.EqualTo(1));
    }

    [Test]
    public void Time_never_goes_back_and_what_begins_ends()
    {
        for (int i = 1; i < _lines.Length; i++)
            Assert.That(_lines[i].Icount, Is.GreaterThanOrEqualTo(_lines[i - 1].Icount), _lines[i].Text);
        Assert.That(_lines.Count(line => line.Word == "end"), Is.EqualTo(_lines.Count(line => line.Word is "call" or "interrupt" or "exception")));
        Assert.That(_lines.Count(line => line.Text.Contains("syscall_", StringComparison.Ordinal) || line.Task == "?-0"), Is.Zero);
    }

    [Test]
    public void Both_engines_give_the_same_trace()
    {
        string[] files = [.. ((string[])["interpreter", "translator"]).Select(engine => Path.Combine(_folder, engine))];
        foreach (string file in files)
            Assert.That(Cli.Run("trace", RunPath, "--format", "text", "--limit", "55_000_000", "--engine", Path.GetFileName(file), "--out", file).Status, Is.Zero);
        Assert.That(File.ReadAllBytes(files[0]), Is.EqualTo(File.ReadAllBytes(files[1])));
        Assert.That(File.ReadLines(files[0]).Count(), Is.GreaterThan(1000));
    }

    [Test]
    public void Folded_stacks_add_up_to_the_samples()
    {
        string file = Path.Combine(_folder, "folded");
        CliResult trace = Cli.Run("trace", RunPath, "--format", "folded", "--every", "5_003", "--out", file, "--json");
        Assert.That((trace.Status, trace.Json("final_hash")), Is.EqualTo((0, _hash)), trace.Error);
        string[] stacks = File.ReadAllLines(file);
        Assert.That(stacks.Sum(line => int.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)), Is.EqualTo(trace.Json().GetProperty("samples").GetInt32()));
        Assert.That(trace.Json().GetProperty("samples").GetInt64(), Is.EqualTo(trace.Json().GetProperty("icount").GetInt64() / 5003).Within(1));
        Assert.That(stacks, Has.Some.Matches<string>(line => line.StartsWith("dd;entry_SYSCALL_64_after_hwframe;do_syscall_64;", StringComparison.Ordinal) && line.Contains(";ksys_write;vfs_write", StringComparison.Ordinal)));
    }

    [Test]
    public void A_demo_shows_its_death_and_every_process_that_came_back()
    {
        string path = Path.Combine(_folder, "demo"), file = Path.Combine(_folder, "demo.pftrace");
        using DemoRun run = new(new DemoOptions { Image = Images.Otherworld, Seed = 3, Kind = PanicKind.Bug, Record = path });
        DemoResult result = run.Run();
        CliResult trace = Cli.Run("trace", path, "--format", "perfetto", "--out", file, "--json");
        Assert.That((trace.Status, trace.Json("final_hash")), Is.EqualTo((0, result.FinalHash)), trace.Error);
        Assert.That(trace.Json().GetProperty("resurrections").GetInt32(), Is.EqualTo(result.Processes.Count(process => process.Outcome == "ok")));

        PerfettoReader read = new(File.ReadAllBytes(file));
        Assert.That(read.Balance.Values, Is.All.Zero, "every slice ends, and none that has not begun");
        Assert.That(read.Slices["resurrection"], Is.EqualTo(result.Processes.Count(process => process.Outcome == "ok")));
        Assert.That(read.Slices["death to life"], Is.EqualTo(1));
        Assert.That(read.Marks, Does.Contain("panic").And.Contain("jump").And.Contain("gate-open"));
        ulong panic = result.Phases.Single(phase => phase.Name == "panic").VtimeNs, open = result.Phases.Single(phase => phase.Name == "gate-open").VtimeNs;
        Assert.That(read.FirstBegin["death to life"], Is.EqualTo(panic).Within(20_000), "the mark comes shortly behind the death");
        Assert.That(read.FirstBegin["armed to gate-open"], Is.LessThan(open));
        Assert.That(read.Threads.Values, Does.Contain("counter").And.Contain("vi").And.Contain("sh"));
    }

    [Test]
    public void Wrong_uses_are_explained_in_one_line()
    {
        string wrong = Path.Combine(_folder, "wrong.map");
        File.WriteAllText(wrong, "ffffffff81000000 T init_task\nffffffff810141c0 T __switch_to\n");
        foreach ((string[] arguments, int status, string text) in ((string[], int, string)[])
            [
                ([RunPath], 2, "--format"),
                ([RunPath, "--format", "svg"], 2, "'svg' is no form of a trace"),
                ([RunPath, "--format", "perfetto"], 2, "--out FILE"),
                ([RunPath, "--format", "text", "--every", "10"], 2, "--every"),
                ([RunPath, "--format", "folded", "--every", "0"], 2, "above 0"),
                ([RunPath, "--format", "text", "--json"], 2, "--out FILE"),
                ([RunPath, "--format", "text", "--memory", "1G"], 2, "--memory and RUN exclude each other"),
                ([Path.Combine(_folder, "absent"), "--format", "text"], 2, "there is no run"),
                ([RunPath, "--format", "text", "--symbols", wrong], 2, "not of the kernel that runs"),
                ([RunPath, "--format", "text", "--symbols", Path.Combine(_folder, "absent")], 2, "absent"),
                ([RunPath, "--blocks", "--limit", "1000"], 2, "not at a run"),
                ([RunPath, "--format", "text", "--out", Path.Combine(_folder, "no", "such", "folder")], 3, "cannot be written"),
            ])
        {
            CliResult result = Cli.Run(["trace", .. arguments]);
            Assert.That((result.Status, result.Error.Trim().Split('\n')[^1]), Is.EqualTo((status, result.Error.Trim())), string.Join(' ', arguments));
            Assert.That(result.Error, Does.Contain(text));
        }
    }

    [Test]
    public void A_truncated_run_is_traced_to_the_last_thing_its_recorder_wrote()
    {
        string path = Path.Combine(_folder, "cut");
        Directory.CreateDirectory(path);
        foreach (string file in (string[])["start.snapshot", "journal"])
            File.Copy(Path.Combine(RunPath, file), Path.Combine(path, file));
        Directory.CreateSymbolicLink(Path.Combine(path, "pages"), Path.Combine(RunPath, "pages"));
        using (FileStream journal = new(Path.Combine(path, "journal"), FileMode.Open))
            journal.SetLength(journal.Length * 2 / 3);
        CliResult trace = Cli.Run("trace", path, "--format", "text", "--out", Path.Combine(_folder, "cut.txt"), "--json");
        Assert.That((trace.Status, trace.Json("verdict")), Is.EqualTo((0, "identical")), trace.Error);
        Assert.That(trace.Json().GetProperty("icount").GetUInt64(), Is.GreaterThan(10_000_000).And.LessThan(_lines[^1].Icount));
    }

    /// <summary>The events at which <c>cat</c> begins and ends the read in which a file of /proc was made.</summary>
    private (int First, int Last) ReadOf(string file)
    {
        string[] cats = [.. _lines.Where(line => line.Task.StartsWith("cat-", StringComparison.Ordinal)).Select(line => line.Task).Distinct()];
        string cat = cats[file == "/proc/stat" ? 0 : 1];
        int first = Array.FindIndex(_lines, line => line.Task == cat && line.Word == "call" && IsReading(line));
        int last = Array.FindIndex(_lines, first, line => line.Task == cat && line.Word == "end" && IsReading(line));
        return (first, last);
    }

    private int Count(string word, string start, int before) => _lines.Take(before).Count(line => line.Word == word && line.Text.StartsWith(start, StringComparison.Ordinal));

    /// <summary>The number behind a word in what the guest's programs said.</summary>
    private int NumberBehind(string word)
    {
        int at = _said.IndexOf(word, StringComparison.Ordinal);
        Assert.That(at, Is.Positive, _said);
        string rest = _said[(at + word.Length)..].TrimStart();
        return int.Parse(rest[..rest.AsSpan().IndexOfAnyExceptInRange('0', '9')], CultureInfo.InvariantCulture);
    }

    private static bool IsReading(TraceLine line) => line.Text.StartsWith("read", StringComparison.Ordinal) || line.Text.StartsWith("sendfile64", StringComparison.Ordinal);
}
