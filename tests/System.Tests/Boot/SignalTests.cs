using System.Diagnostics;

namespace System.Tests.Boot;

/// <summary>A guest that never does anything a run could end for is left at once, and the terminal is as it was before.</summary>
[Platform("Linux")]
public sealed class SignalTests
{
    /// <summary>What we promise, and as much again for a busy test machine.</summary>
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(2);

    private static string Endless => BareMetal.Image(BareMetal.Print("go\n"), BareMetal.Loop);

    [TestCase("INT", 130)]
    [TestCase("TERM", 143)]
    public void A_signal_ends_a_run_without_a_terminal(string signal, int status)
    {
        using Process process = Start(Cli.Program[0], [.. Cli.Program.Skip(1), "boot", "--kernel", Endless]);
        Assert.That(process.StandardOutput.ReadLine(), Is.EqualTo("go"));
        var watch = Stopwatch.StartNew();
        using Process kill = Process.Start("kill", ["-s", signal, process.Id.ToString(Globalization.CultureInfo.InvariantCulture)]);
        AssertEnds(process, watch);
        Assert.That(process.ExitCode, Is.EqualTo(status));
    }

    /// <summary>The contender that is being measured is a process of its own, and would go on.</summary>
    [Test]
    public void A_signal_ends_a_bench_and_its_contender()
    {
        using Process bench = Start(Cli.Program[0], [.. Cli.Program.Skip(1), "bench", "--against", "interpreter", "--suite", "guest", "--runs", "1"]);
        Process? contender = null;
        Assert.That(() => (contender = ChildOf(bench.Id)) is not null, Is.True.After(120_000, 100), "no contender was started");
        var watch = Stopwatch.StartNew();
        using Process kill = Process.Start("kill", ["-s", "TERM", bench.Id.ToString(Globalization.CultureInfo.InvariantCulture)]);
        AssertEnds(bench, watch);
        Assert.That(contender!.WaitForExit(Promptly), "the contender goes on");
        contender.Dispose();
    }

    /// <summary>Raw mode is entered, the signal comes, and the terminal's settings are compared with those before.</summary>
    [TestCase("TERM")]
    [TestCase("HUP")]
    public void A_signal_leaves_the_terminal_as_it_was(string signal)
    {
        string script =
            $"before=$(stty -g); {string.Join(' ', Cli.Program)} boot --kernel {Endless} < /dev/tty & " +
            "n=0; until [ \"$(stty -g)\" != \"$before\" ]; do sleep 0.05; n=$((n+1)); [ $n = 400 ] && echo never raw && break; done; sleep 1; " +
            $"kill -s {signal} $!; wait $!; [ \"$(stty -g)\" = \"$before\" ] && echo usable; echo end";
        using Process terminal = StartInTerminal(script);
        string said = ReadUntil(terminal, "end");
        Assert.That(said, Does.Contain("go").And.Contain("usable").And.Not.Contain("never raw"));
        Assert.That(terminal.WaitForExit(Promptly));
    }

    [Test]
    public void Ctrl_A_x_leaves_a_busy_guest_and_Ctrl_C_is_the_guests()
    {
        using Process terminal = StartInTerminal($"before=$(stty -g); {string.Join(' ', Cli.Program)} boot --kernel {Endless}; echo status $?; [ \"$(stty -g)\" = \"$before\" ] && echo usable");
        ReadUntil(terminal, "go");
        terminal.StandardInput.Write('\u0003');
        terminal.StandardInput.Flush();
        Assert.That(terminal.WaitForExit(300), Is.False);
        var watch = Stopwatch.StartNew();
        terminal.StandardInput.Write("\u0001x");
        terminal.StandardInput.Flush();
        string said = ReadUntil(terminal, "status 0");
        Assert.That(watch.Elapsed, Is.LessThan(Promptly));
        Assert.That(said, Does.Contain("left with Ctrl-A x"));
        ReadUntil(terminal, "usable");
    }

    private static void AssertEnds(Process process, Stopwatch watch)
    {
        bool ended = process.WaitForExit(TimeSpan.FromSeconds(20));
        if (!ended)
            process.Kill();
        Assert.That(ended, "it goes on for ever");
        Assert.That(watch.Elapsed, Is.LessThan(Promptly));
        TestContext.Out.WriteLine($"ended {watch.ElapsedMilliseconds} ms after the signal");
    }

    /// <summary>A guest that a process has started, or null.</summary>
    private static Process? ChildOf(int parent)
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int id))
                continue;
            try
            {
                // proc(5): the parent is the second field after the name in parentheses.
                string[] fields = File.ReadAllText(Path.Combine(folder, "stat")).Split(") ")[^1].Split(' ');
                if (fields[1] == parent.ToString(Globalization.CultureInfo.InvariantCulture) && File.ReadAllText(Path.Combine(folder, "cmdline")).Contains("--kernel", StringComparison.Ordinal))
                    return Process.GetProcessById(id);
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // It has ended in the meantime.
            }
        }

        return null;
    }

    /// <summary>Runs a shell script on a terminal of its own (util-linux script).</summary>
    private static Process StartInTerminal(string script) => Start("script", ["-qec", script, "/dev/null"]);

    private static Process Start(string program, string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    private static string ReadUntil(Process process, string wanted)
    {
        var said = new Text.StringBuilder();
        while (!said.ToString().Contains(wanted, StringComparison.Ordinal))
        {
            int next = process.StandardOutput.Read();
            Assert.That(next, Is.GreaterThanOrEqualTo(0), $"ended without '{wanted}': {said}");
            said.Append((char)next);
        }

        return said.ToString();
    }
}
