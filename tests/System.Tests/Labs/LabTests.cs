using System.Diagnostics;
using System.Globalization;
using System.Tests.Debugging;
using System.Text.Json;
using System.Text.RegularExpressions;
using Otherworld.Guest.Images;

namespace System.Tests.Labs;

/// <summary>Model answers, found with the tools the exercises name, satisfy the grader; others do not.</summary>
[TestFixture]
public sealed class LabTests
{
    /// <summary>More writes than any run of exercise 5 has.</summary>
    private const int MostWrites = 12;

    private string _folder = "";

    [OneTimeSetUp]
    public void Make() => _folder = Directory.CreateTempSubdirectory("otherworld-labs-").FullName;

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Lab_1_is_solved_with_the_text_of_trace()
    {
        string lab = Start(1);
        CliResult trace = Cli.Run("trace", Path.Combine(lab, "run"), "--format", "text");
        string[][] marks = [.. trace.Output.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words is [_, _, _, "mark", ..])];
        string[] panic = marks.First(words => words[4] == "panic"), gate = marks.First(words => words[4] == "gate-open");
        string[][] revived = [.. marks.Where(words => words[4] == "resurrected")];
        ulong ip = ulong.Parse(Value(panic, "ip"), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        decimal dead = decimal.Parse(gate[0], CultureInfo.InvariantCulture) - decimal.Parse(panic[0], CultureInfo.InvariantCulture);
        Solve(1, lab, new()
        {
            ["panic"] = panic[1],
            ["died_in"] = Symbols(Images.Otherworld.Path(ImageRoles.SystemMap)).Where(symbol => symbol.Address <= ip).MaxBy(symbol => symbol.Address).Name,
            ["came_back"] = revived.Length.ToString(CultureInfo.InvariantCulture),
            ["adopted"] = Value(revived.First(words => words.Contains("comm=counter")), "adopted"),
            ["dead_us"] = Math.Floor(dead * 1_000_000).ToString(CultureInfo.InvariantCulture),
        });
    }

    [Test]
    public void Lab_2_is_solved_with_inspect()
    {
        string lab = Start(2);
        string snapshot = Path.Combine(lab, "panic-1.snapshot");
        JsonElement task = Inspect("tasks", "inspect", snapshot, "tasks").First(item => item.GetProperty("name").GetString() == "counter");
        string pid = task.GetProperty("pid").GetInt32().ToString(CultureInfo.InvariantCulture);
        JsonElement file = Inspect("files", "inspect", snapshot, "files", pid).First(item => item.GetProperty("path").GetString()!.StartsWith("/data/", StringComparison.Ordinal));
        JsonElement[] areas = Inspect("maps", "inspect", snapshot, "maps", pid);
        Solve(2, lab, new()
        {
            ["pid"] = pid,
            ["parent"] = task.GetProperty("ppid").ToString(),
            ["task_struct"] = task.GetProperty("address").GetString()!,
            ["file"] = file.GetProperty("path").GetString()!,
            ["offset"] = file.GetProperty("offset").ToString(),
            ["areas"] = areas.Length.ToString(CultureInfo.InvariantCulture),
            ["heap"] = areas.First(area => area.GetProperty("name").GetString() == "[heap]").GetProperty("start").GetString()!,
        });
    }

    [Test]
    public void Lab_3_is_solved_but_for_the_kernel_and_the_model_kernel_is_one_patch_away()
    {
        string lab = Start(3);
        Write(lab, ResourceAnswers(lab, Images.Otherworld.Folder));
        CliResult check = Cli.Run("lab", "check", "3", "--dir", lab);
        Assert.That((check.Status, check.Output), Is.EqualTo((1, check.Output)), check.Error);
        Assert.That(check.Output, Does.Contain("wrong  image").And.Contain("3 of 4 answers are right"));
        Assert.That(Patch(Checkout.Root, "--dry-run"), Is.Zero, "the model answer does not fit the sources any more");
    }

    [Test, Category("Slow")]
    public void Lab_3_is_solved_with_the_model_kernel()
    {
        string sources = Path.Combine(_folder, "student");
        Directory.CreateDirectory(sources);
        Assert.That(Shell("cp", "-a", Path.Combine(Checkout.Root, "images"), sources), Is.Zero);
        Assert.That(Patch(sources), Is.Zero);
        string image = new ImageService(ImageCache.OfThisUser(), ImageInputs.FindAround(sources)).FindOrBuild("otherworld").Folder;
        string lab = Start(3, 8);
        Solve(3, lab, ResourceAnswers(lab, image));
    }

    [Test]
    public void Lab_4_is_not_solved_by_what_is_no_repair()
    {
        string lab = Start(4);
        Write(lab, new() { ["function"] = "ow_crash", ["callee"] = "ow_switch_stack", ["repair"] = "call it" });
        CliResult check = Cli.Run("lab", "check", "4", "--dir", lab);
        Assert.That((check.Status, check.Output), Is.EqualTo((1, check.Output)), check.Error);
        Assert.That(check.Output, Does.Contain("wrong  repair").And.Contain("2 of 3 answers are right"));
    }

    [TestCase(3, Category = "Slow")]
    [TestCase(4, Category = "Slow")]
    [TestCase(5, Category = "Slow")]
    public void Lab_4_is_solved_with_gdb(int seed)
    {
        Gdb.NeedIt();
        string lab = Start(4, seed), memory = Path.Combine(_folder, $"memory-{seed}"), built = Path.Combine(_folder, $"built-{seed}");
        (ulong Address, string Name)[] path = [.. Symbols(Images.Otherworld.Path(ImageRoles.SystemMap)).Where(symbol => symbol.Name.StartsWith("ow_", StringComparison.Ordinal))];
        ulong start = path.First(symbol => symbol.Name == "ow_crash").Address, end = path.First(symbol => symbol.Name == "ow_leave").Address + 0x40;
        string range = $"0x{start:x} 0x{end:x}";
        Gdb.Run(_folder, ["boot", "--from", Path.Combine(lab, "before-1.snapshot")], $"dump binary memory {memory} {range}", "kill");
        Gdb.Look(Images.Otherworld.Path(ImageRoles.Vmlinux), $"dump binary memory {built} {range}");
        (byte[] now, byte[] was) = (File.ReadAllBytes(memory), File.ReadAllBytes(built));
        int at = Enumerable.Range(0, was.Length).First(i => was[i] == 0xE8 && now[i] == 0x0F);
        string missing = Gdb.Look(Images.Otherworld.Path(ImageRoles.Vmlinux), $"x/i 0x{start + (ulong)at:x}");
        ulong callee = ulong.Parse(Regex.Match(missing, @"call +0x(\w+)", RegexOptions.NonBacktracking).Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Dictionary<string, string> answers = new()
        {
            ["function"] = path.Where(symbol => symbol.Address <= start + (ulong)at).MaxBy(symbol => symbol.Address).Name,
            ["callee"] = path.First(symbol => symbol.Address == callee).Name,
            ["repair"] = $"0x{start + (ulong)at:x}: {Convert.ToHexStringLower(was, at, 5)}",
        };
        Solve(4, lab, answers);
        foreach (string wrong in (string[])["call it", answers["repair"][..^1], $"0x{start + (ulong)at:x}: 0f1f440000"])
        {
            Write(lab, new(answers) { ["repair"] = wrong });
            Assert.That(Cli.Run("lab", "check", "4", "--dir", lab).Output, Does.Contain("wrong  repair").And.Contain("2 of 3"));
        }
    }

    [Test]
    public void Lab_5_is_solved_with_gdb([Values(3, 6)] int seed)
    {
        Gdb.NeedIt();
        string lab = Start(5, seed), map = Images.Otherworld.Path(ImageRoles.SystemMap);
        string victim = Regex.Match(File.ReadAllText(Path.Combine(lab, "answers.txt")), @"variable (\w+) \(4 bytes\)", RegexOptions.NonBacktracking).Groups[1].Value;
        string word = "*(int*)0x" + Symbols(map).First(symbol => symbol.Name == victim).Address.ToString("x", CultureInfo.InvariantCulture);
        IEnumerable<string> back = Enumerable.Repeat((string[])["reverse-continue", "monitor when"], MostWrites).SelectMany(pair => pair);
        (string talk, _) = Gdb.Run(_folder, ["replay", Path.Combine(lab, "run"), "--symbols", map], ["continue", "p " + word, $"monitor last-writer {victim} 4", "watch " + word, .. back, "kill"]);
        int seen = Regex.Count(talk, "New value = ", RegexOptions.NonBacktracking);
        Match[] writes = [.. Regex.Matches(talk, @"icount (\d+), .* rip (0x\w+) <(\w+)\+", RegexOptions.NonBacktracking).Cast<Match>().Where(when => when.Groups[1].Value != "0").Take(seen)];
        Assert.That(writes, Has.Length.InRange(1, MostWrites - 1));
        Assert.That(talk, Does.Contain($"after icount {writes[0].Groups[1].Value} "));
        string built = Gdb.Look(Images.Otherworld.Path(ImageRoles.Vmlinux), "x/i " + writes[0].Groups[2].Value);
        Solve(5, lab, new()
        {
            ["value"] = Regex.Match(talk, @"\$1 = (-?\d+)", RegexOptions.NonBacktracking).Groups[1].Value,
            ["function"] = writes[0].Groups[3].Value,
            ["icount"] = writes[0].Groups[1].Value,
            ["times"] = writes.Count(write => write.Groups[3].Value == writes[0].Groups[3].Value).ToString(CultureInfo.InvariantCulture),
            ["intended"] = Symbols(map).First(symbol => built.Contains($"# 0x{symbol.Address:x}", StringComparison.Ordinal)).Name,
        });
    }

    [Test]
    public void Lab_without_answers_is_open_and_its_run_is_whole()
    {
        string lab = Start(5, 4);
        CliResult check = Cli.Run("lab", "check", "5", "--dir", lab);
        Assert.That((check.Status, check.Output), Is.EqualTo((1, check.Output)));
        Assert.That(check.Output, Does.Contain("0 of 5 answers are right").And.Contain("open   value").And.Not.Contain("wrong"));
        Assert.That(Cli.Run("replay", Path.Combine(lab, "run"), "--verify").Status, Is.Zero);
    }

    [Test]
    public void Lab_that_cannot_be_laid_out_leaves_nothing_behind()
    {
        string lab = Path.Combine(_folder, "given-up");
        CliResult start = Cli.Run("lab", "start", "5", "--dir", lab, "--image", Images.Stock.Folder);
        Assert.That(start.Status, Is.Not.Zero, start.Output);
        Assert.That(start.Error.Trim().Split('\n'), Has.Length.EqualTo(1), start.Error);
        Assert.That(Directory.Exists(lab), Is.False);
    }

    [Test]
    public void What_is_no_exercise_is_said_in_one_line()
    {
        foreach (string[] wrong in (string[][])[["lab", "start", "9"], ["lab", "check", "1", "--dir", Path.Combine(_folder, "absent")]])
        {
            CliResult result = Cli.Run(wrong);
            Assert.That((result.Status, result.Error.Trim().Split('\n').Length), Is.EqualTo((2, 1)), result.Error);
        }
    }

    /// <summary>The words of the trace are "key=value".</summary>
    private static string Value(string[] words, string key) => words.First(word => word.StartsWith(key + "=", StringComparison.Ordinal))[(key.Length + 1)..];

    /// <summary>System.map as it is: address, type, name.</summary>
    private static IEnumerable<(ulong Address, string Name)> Symbols(string map) => File.ReadLines(map).Select(line => line.Split(' ')).Select(words => (ulong.Parse(words[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), words[2]));

    private string Start(int number, int seed = 3)
    {
        string lab = Path.Combine(_folder, $"{number}-{seed}");
        CliResult start = Cli.Run("lab", "start", number.ToString(CultureInfo.InvariantCulture), "--seed", seed.ToString(CultureInfo.InvariantCulture), "--dir", lab);
        Assert.That(start.Status, Is.Zero, start.Error);
        return lab;
    }

    private static JsonElement[] Inspect(string what, params string[] arguments)
    {
        using var document = JsonDocument.Parse(Cli.Run([.. arguments, "--json"]).Output);
        return [.. document.RootElement.GetProperty(what).Clone().EnumerateArray()];
    }

    /// <summary>All right with the model answers; with one of them changed, that one is wrong.</summary>
    private static void Solve(int number, string lab, Dictionary<string, string> answers)
    {
        string name = number.ToString(CultureInfo.InvariantCulture);
        Write(lab, answers);
        CliResult done = Cli.Run("lab", "check", name, "--dir", lab);
        Assert.That(done.Status, Is.Zero, done.Output + done.Error);
        foreach (string key in (string[])[answers.Keys.First(), answers.Keys.Last()])
        {
            Write(lab, new(answers) { [key] = answers[key] + "1" });
            CliResult wrong = Cli.Run("lab", "check", name, "--dir", lab);
            Assert.That(wrong.Status, Is.EqualTo(1));
            Assert.That(wrong.Output, Does.Contain($"wrong  {key}").And.Contain($"{answers.Count - 1} of {answers.Count} answers are right"));
        }
    }

    private static void Write(string lab, Dictionary<string, string> said) => File.WriteAllLines(Path.Combine(lab, "answers.txt"), said.Select(answer => $"{answer.Key} = {answer.Value}"));

    /// <summary>Exercise 3 as one reads it off the console of a replay.</summary>
    private static Dictionary<string, string> ResourceAnswers(string lab, string image)
    {
        Match[] said = [.. Regex.Matches(Cli.Run("replay", Path.Combine(lab, "run"), "--tty", "ttyS1").Output, @"voluntary_ctxt_switches:\s+(\d+)", RegexOptions.NonBacktracking).Cast<Match>()];
        Assert.That(said, Has.Length.EqualTo(2));
        return new() { ["before"] = said[0].Groups[1].Value, ["after"] = said[1].Groups[1].Value, ["member"] = "nvcsw", ["image"] = image };
    }

    private static int Patch(string sources, params string[] options) => Shell("patch", [.. options, "-p1", "-s", "-d", sources, "-i", Path.Combine(AppContext.BaseDirectory, "Labs", "3-add-a-resource.patch")]);

    private static int Shell(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
