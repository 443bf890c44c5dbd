using System.Globalization;
using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Experiments;

/// <summary>
/// The demo without an application: counter, a stopped job and two shells live through all deaths; before each of them vi gets text that is not saved,
/// and load keeps the kernel busy. Checked are counter by its acknowledgements and its file, vi by saving, both shells by answering, the stopped job by
/// its state and by letting it run in the foreground of its terminal.
/// </summary>
/// <param name="console">The guest.</param>
public sealed class CounterStory(GuestConsole console) : IDemoStory
{
    private const ulong StepLimit = 400_000_000;
    private const ulong CheckLimit = GuestShell.AnswerLimit;
    private const ulong WarmUp = 300_000_000;

    /// <summary>Ticks that must follow the last one before the death.</summary>
    private const int MoreTicks = 5;

    private readonly GuestConsole _console = console;
    private readonly GuestShell _first = new(console, 0);
    private readonly GuestShell _second = new(console, 1);
    private int _acknowledged;
    private int _job;

    /// <inheritdoc/>
    public int? LostOperations => null;

    /// <inheritdoc/>
    public Moment? Answered => null;

    /// <summary>counter in the background of ttyS1, and a stopped job there.</summary>
    public string? Prepare(Action<string, Moment> enter)
    {
        int said = _console.Lines[1].Length;
        if (!_console.Type(1, "counter -a /dev/ttyS2 &\nsleep 100000\n") || !_console.Pass(50_000_000) || !_console.Type(1, "\u001a")
            || _console.WaitFor(_console.Lines[1], said, "Stopped", StepLimit) is null)
            return "the shell on ttyS1 did not stop its job";
        if (_console.WaitFor(_console.Lines[2], 0, "tick 3 ", StepLimit) is not { } counting)
            return "counter does not count";
        enter("programs", counting);
        if (_second.Ask("jobs -l", out string jobs) is { } silence)
            return silence;
        _job = StoppedJob(jobs);
        return _job != 0 ? null : $"the shell on ttyS1 names no stopped job: '{jobs.Trim()}'";
    }

    /// <summary>vi on ttyS0 with text that is not saved, and load on ttyS1.</summary>
    public string? StartWork(int crash)
    {
        int said = _console.Lines[0].Length;
        if (!_console.Type(0, $"vi {NotePath(crash)}\n") || _console.WaitFor(_console.Lines[0], said, "~", StepLimit) is null)
            return "vi does not start";
        if (!_console.Type(0, "i" + NoteText(crash)) || !_console.Pass(20_000_000) || !_console.Type(0, "\u001b") || !_console.Pass(50_000_000))
            return "the guest stopped while vi was typed to";
        return _console.Type(1, "load -r 0 cpu file fork fault pipe &\n") && _console.Pass(WarmUp) ? null : "the guest stopped while its load warmed up";
    }

    /// <inheritdoc/>
    public string? Verify(int crash, bool last, IReadOnlyList<ResurrectedProcess> processes, out IReadOnlyList<ResurrectedProcess> judged)
    {
        string? vi = CheckVi(crash);
        string? counter = CheckCounter();
        string? shell = _first.CheckAlive() ?? _second.CheckAlive();
        string? job = CheckJob(last);
        var verdicts = new Dictionary<string, string?>(StringComparer.Ordinal) { ["vi"] = vi, ["counter"] = counter, ["sh"] = shell, ["sleep"] = job };
        judged = [.. processes.Select(process => verdicts.TryGetValue(process.Comm, out string? problem) ? process with { Check = problem ?? "correct" } : process)];
        return vi ?? counter ?? shell ?? job;
    }

    /// <summary>Looks at vi, which saves and ends, and at counter.</summary>
    /// <returns>The first thing wrong, or null.</returns>
    internal string? CheckPrograms(int crash) => CheckVi(crash) ?? CheckCounter();

    private static string NotePath(int crash) => $"/data/notes-{crash + 1}.txt";

    private static string NoteText(int crash) => $"typed before crash {crash + 1} and saved only after it";

    private string? CheckVi(int crash)
    {
        int said = _console.Lines[0].Length;
        if (!_console.Type(0, ":wq\r") || _console.WaitFor(_console.Lines[0], said, GuestShell.Prompt, CheckLimit) is null)
            return "vi did not save and end: no shell prompt behind it";
        return _first.Ask($"cat {NotePath(crash)}", out string answer) ?? (answer.Contains(NoteText(crash), StringComparison.Ordinal)
            ? null
            : $"{NotePath(crash)} does not hold what was typed: '{answer.Trim()}'");
    }

    private string? CheckCounter()
    {
        int last = Ticks().Count;
        if (last < _acknowledged)
            return "counter acknowledged fewer ticks than before";
        if (_console.WaitFor(_console.Lines[2], 0, $"tick {last + MoreTicks} ", CheckLimit) is null)
            return $"counter does not go on after tick {last}";
        // The line acknowledged last may still be on its way to the outside: what is compared was acknowledged before the file is read.
        List<string> acknowledged = Ticks();
        _acknowledged = acknowledged.Count;
        for (int tick = 1; tick <= acknowledged.Count; tick++)
        {
            if (!acknowledged[tick - 1].StartsWith($"tick {tick} ", StringComparison.Ordinal))
                return $"after tick {tick - 1} counter acknowledged '{acknowledged[tick - 1]}'";
        }

        if (_first.Ask("cat /data/counter.log", out string file) is { } problem)
            return problem;
        string[] lines = [.. file.Split('\n').Select(line => line.Trim('\r')).Where(line => line.StartsWith("tick ", StringComparison.Ordinal))];
        for (int tick = 1; tick <= acknowledged.Count; tick++)
        {
            if (lines.Length < tick || lines[tick - 1] != acknowledged[tick - 1])
                return $"/data/counter.log has '{lines.ElementAtOrDefault(tick - 1)}' where '{acknowledged[tick - 1]}' was acknowledged";
        }

        return null;
    }

    /// <summary>
    /// The job of the second shell is still the same stopped process; it runs in the foreground when told to, as seen from the first shell; and then
    /// obeys the keys of its own terminal: Ctrl-Z stops it again, Ctrl-C ends it.
    /// </summary>
    private string? CheckJob(bool last)
    {
        if (_second.Ask("jobs -l", out string jobs) is { } silence)
            return silence;
        if (StoppedJob(jobs) != _job)
            return $"the shell on ttyS1 has lost its stopped job {_job}: '{jobs.Trim()}'";
        if (CheckJobState('T') is { } notStopped)
            return notStopped;

        int said = _console.Lines[1].Length;
        if (!_console.Type(1, "fg %sleep\n") || _console.WaitFor(_console.Lines[1], said, "\nsleep ", CheckLimit) is null || !_console.Pass(20_000_000))
            return "the shell on ttyS1 does not take its job to the foreground";
        if (CheckJobState('S') is { } notRunning)
            return notRunning;

        said = _console.Lines[1].Length;
        if (!_console.Type(1, last ? "\u0003" : "\u001a") || _console.WaitFor(_console.Lines[1], said, GuestShell.Prompt, CheckLimit) is null)
            return $"the job on ttyS1 does not hear {(last ? "Ctrl-C" : "Ctrl-Z")}";
        if (!last)
            return CheckJobState('T');
        return _second.Ask($"echo status $?; cat /proc/{_job}/stat", out string end)
            ?? (end.Contains("status 130", StringComparison.Ordinal) && !end.Contains("(sleep)", StringComparison.Ordinal) ? null : $"the job on ttyS1 did not end of Ctrl-C: '{end.Trim()}'");
    }

    /// <summary>Asks the first shell for the state of the second one's job (proc(5): R, S, T...).</summary>
    private string? CheckJobState(char wanted)
    {
        return _first.Ask($"cat /proc/{_job}/stat", out string state)
            ?? (state.Contains($"{_job} (sleep) {wanted} ", StringComparison.Ordinal) ? null : $"process {_job} is not in state {wanted}: '{state.Trim()}'");
    }

    /// <summary>Process number in a line of <c>jobs -l</c> such as <c>[2] + 28 Stopped sleep 100000</c>; 0 if there is none.</summary>
    private static int StoppedJob(string jobs)
    {
        string[]? words = jobs.Split('\n').FirstOrDefault(line => line.Contains("Stopped", StringComparison.Ordinal) && line.Contains("sleep", StringComparison.Ordinal))
            ?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is null ? 0 : int.Parse(words.SkipWhile(word => !char.IsAsciiDigit(word[0])).FirstOrDefault("0"), CultureInfo.InvariantCulture);
    }

    /// <summary>Whole lines that counter sent to ttyS2 behind its greeting: nothing but ticks, if all is well.</summary>
    private List<string> Ticks()
    {
        string text = _console.Lines[2].From(0);
        int end = text.LastIndexOf('\n') + 1;
        return [.. text[..end].Split('\n').Select(line => line.Trim('\r')).Where(line => line.Length != 0 && !line.StartsWith("start ", StringComparison.Ordinal))];
    }
}
