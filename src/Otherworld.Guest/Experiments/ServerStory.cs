using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Experiments;

/// <summary>
/// A server, and a client that asks it for one number after the other and sends each answer over ttyS2 to the outside, where nothing can be lost. After
/// the death the numbers must go on: none that was acknowledged may be given out again.
/// </summary>
/// <param name="console">The guest.</param>
/// <param name="server">Which server.</param>
/// <param name="restarts">Its crash procedure has it started again after each death: what counts is what the new program answers.</param>
public sealed class ServerStory(GuestConsole console, Server server, bool restarts = false) : IDemoStory
{
    /// <summary>Answers before a death, and again after it.</summary>
    private const int Answers = 5;

    private readonly GuestConsole _console = console;
    private readonly Server _server = server;
    private readonly bool _restarts = restarts;
    private readonly GuestShell _client = new(console, 1);
    private readonly AnswerLog _answers = new(console);
    private int _lost;
    private int _death;

    /// <summary>Unknown as long as nobody answers.</summary>
    public int? LostOperations => Answered is null ? null : _lost;

    /// <inheritdoc/>
    public Moment? Answered { get; private set; }

    /// <inheritdoc/>
    public string? Prepare(Action<string, Moment> enter) => _server.WaitForStart(_console, enter);

    /// <inheritdoc/>
    public string? StartWork(int crash)
    {
        int said = _answers.Length;
        _death = _console.Debug.Length;
        return StartClient() ?? (_answers.Wait(said, Answers) is null ? $"{_server.Name} answers no client" : null);
    }

    /// <inheritdoc/>
    public string? Verify(int crash, bool last, IReadOnlyList<ResurrectedProcess> processes, out IReadOnlyList<ResurrectedProcess> judged)
    {
        string? problem = CheckServer(processes);
        IReadOnlyList<GuestMark> marks = GuestMark.ReadAll(_console.Debug.From(_death));
        judged = [.. processes.Select(process => process.Comm == _server.Comm ? process.After(marks) with { Check = problem ?? "correct" } : process)];
        return problem ?? (_client.TypeAndWait("kill $(jobs -p); wait\n", GuestShell.Prompt) is null ? "the client does not end" : null);
    }

    private string? CheckServer(IReadOnlyList<ResurrectedProcess> processes)
    {
        Answered = null;
        List<int> before = _answers.Numbers();
        int said = _answers.Length;
        string[] reasons = [.. processes.Where(process => process.Comm == _server.Comm && process.Outcome != "ok").Select(process => process.Outcome)];
        if (reasons.Length > 0 || processes.All(process => process.Comm != _server.Comm))
            return $"{_server.Comm} did not come back: {(reasons.Length > 0 ? string.Join(", ", reasons.Distinct()) : "it was not among the dead")}";
        // The client was a process of the dead kernel like any other.
        if (processes.Any(process => process.Comm == "bash" && process.Outcome != "ok") && StartClient() is { } stopped)
            return stopped;
        if (_restarts)
        {
            if (_console.WaitFor(_console.Debug, _death, $"comm={_server.Comm} outcome=restarted", GuestShell.AnswerLimit) is null)
                return $"the crash procedure of {_server.Comm} has not had it started again";
            said = _answers.Length;
        }

        Answered = _answers.Wait(said, 1);
        if (Answered is null || _answers.Wait(said, Answers) is null)
            return $"{_server.Name} answers no client after the crash";
        string? problem = _answers.Compare(_server.Name, before, out int lost);
        _lost += lost;
        return problem;
    }

    private string? StartClient() =>
        _console.Type(1, _server.ClientCommand) ? null : "the guest stopped while its client was started";
}
