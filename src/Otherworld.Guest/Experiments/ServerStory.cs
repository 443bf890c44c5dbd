using System.Globalization;

namespace Otherworld.Guest.Experiments;

/// <summary>
/// A server, and a client that asks it for one number after the other and sends each answer over ttyS2 to the outside, where nothing can be lost. After
/// the death the numbers must go on: none that was acknowledged may be given out again.
/// </summary>
/// <param name="console">The guest.</param>
/// <param name="server">Which server.</param>
public sealed class ServerStory(GuestConsole console, Server server) : IDemoStory
{
    private const ulong StartLimit = 2_000_000_000;

    /// <summary>Answers before a death, and again after it.</summary>
    private const int Answers = 5;

    private readonly GuestConsole _console = console;
    private readonly Server _server = server;
    private readonly GuestShell _client = new(console, 1);
    private int _lost;

    /// <summary>Unknown as long as nobody answers.</summary>
    public int? LostOperations => Answered is null ? null : _lost;

    /// <inheritdoc/>
    public Moment? Answered { get; private set; }

    /// <inheritdoc/>
    public string? Prepare(Action<string, Moment> enter)
    {
        if (_console.WaitFor(_console.Debug, 0, $"services: {_server.Name} ", StartLimit) is not { } started)
            return $"{_server.Name} does not start";
        if (!_console.Debug.From(0).Contains($"services: {_server.Name} answers", StringComparison.Ordinal))
            return $"{_server.Name} does not answer";
        enter("server", started);
        return null;
    }

    /// <inheritdoc/>
    public string? StartWork(int crash)
    {
        int said = _console.Lines[2].Length;
        return StartClient() ?? (WaitForAnswers(said, Answers) is null ? $"{_server.Name} answers no client" : null);
    }

    /// <inheritdoc/>
    public string? Verify(int crash, bool last, IReadOnlyList<ResurrectedProcess> processes, out IReadOnlyList<ResurrectedProcess> judged)
    {
        string? problem = CheckServer(processes);
        judged = [.. processes.Select(process => process.Comm == _server.Comm ? process with { Check = problem ?? "correct" } : process)];
        return problem ?? (_client.TypeAndWait("kill $(jobs -p); wait\n", GuestShell.Prompt) is null ? "the client does not end" : null);
    }

    private string? CheckServer(IReadOnlyList<ResurrectedProcess> processes)
    {
        Answered = null;
        List<int> before = Numbers();
        int said = _console.Lines[2].Length;
        string[] reasons = [.. processes.Where(process => process.Comm == _server.Comm && process.Outcome != "ok").Select(process => process.Outcome)];
        if (reasons.Length > 0 || processes.All(process => process.Comm != _server.Comm))
            return $"{_server.Comm} did not come back: {(reasons.Length > 0 ? string.Join(", ", reasons.Distinct()) : "it was not among the dead")}";
        // The client was a process of the dead kernel like any other.
        if (processes.Any(process => process.Comm == "bash" && process.Outcome != "ok") && StartClient() is { } stopped)
            return stopped;
        Answered = WaitForAnswers(said, 1);
        if (Answered is null || WaitForAnswers(said, Answers) is null)
            return $"{_server.Name} answers no client after the crash";
        return Compare(before, Numbers());
    }

    private string? StartClient() =>
        _console.Type(1, $"while :; do {_server.Request}; done >/dev/ttyS2 2>/dev/null &\n") ? null : "the guest stopped while its client was started";

    /// <summary>An answer may have been on its way to the outside, so one number may be missing at a death; none may come twice.</summary>
    private string? Compare(List<int> before, List<int> after)
    {
        int next = after[before.Count];
        int last = before.Count == 0 ? 0 : before[^1];
        if (next <= last)
        {
            _lost += last - next + 1;
            return string.Create(CultureInfo.InvariantCulture, $"{_server.Name} had answered {last} before the crash, and answered {next} after it");
        }

        for (int i = before.Count + 1; i < after.Count; i++)
        {
            if (after[i] != after[i - 1] + 1)
                return string.Create(CultureInfo.InvariantCulture, $"{_server.Name} answered {after[i]} after {after[i - 1]}");
        }

        return next <= last + 2 ? null : string.Create(CultureInfo.InvariantCulture, $"{_server.Name} answered {next} after {last}: requests took effect that nobody made");
    }

    private Moment? WaitForAnswers(int from, int count)
    {
        for (int at = from; ; count--)
        {
            if (_console.WaitFor(_console.Lines[2], at, "\n", GuestShell.AnswerLimit) is not { } seen)
                return null;
            if (count == 1)
                return seen;
            at += _console.Lines[2].From(at).IndexOf('\n', StringComparison.Ordinal) + 1;
        }
    }

    /// <summary>Whole lines on ttyS2 that are numbers.</summary>
    private List<int> Numbers()
    {
        string text = _console.Lines[2].From(0);
        List<int> numbers = [];
        foreach (string line in text[..(text.LastIndexOf('\n') + 1)].Split('\n'))
        {
            if (int.TryParse(line.Trim('\r'), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                numbers.Add(number);
        }

        return numbers;
    }
}
