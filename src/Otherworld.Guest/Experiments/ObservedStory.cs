using Emu.Core;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Observing;

namespace Otherworld.Guest.Experiments;

/// <summary>
/// A server, and an observer in another machine that uses it without a pause. The observer's connection has to outlive every kernel of the server, and the
/// server has to hold afterwards exactly what it acknowledged.
/// </summary>
/// <param name="console">The server's machine.</param>
/// <param name="server">Which server.</param>
public sealed class ObservedStory(GuestConsole console, Server server) : IDemoStory
{
    /// <summary>Operations before a death, and again after it.</summary>
    private const int Operations = 50;

    private readonly GuestConsole _console = console;
    private readonly Server _server = server;
    private readonly Observer _observer = new(console, server);
    private int _said;

    /// <inheritdoc/>
    public int? LostOperations => Observation?.Lost;

    /// <inheritdoc/>
    public Moment? Answered { get; private set; }

    /// <summary>What the observer found after the last death; null before it.</summary>
    public Observation? Observation { get; private set; }

    /// <inheritdoc/>
    public string? Prepare(Action<string, Moment> enter) => _server.WaitForStart(_console, enter) ?? _observer.Start();

    /// <summary>Beside the server, processes come and go: that is where a damaged list of tasks shows. They end with the kernel they were for.</summary>
    public string? StartWork(int crash)
    {
        _said = _console.Debug.Length;
        if (!_console.Type(1, "load -d /work/load -r 0 fork &\n"))
            return "the guest stopped while its load was started";
        return _observer.WaitForOperations(Operations, _console.Now.VtimeNs) is null ? $"{_server.Name} does not answer its observer" : null;
    }

    /// <inheritdoc/>
    public string? Verify(int crash, bool last, IReadOnlyList<ResurrectedProcess> processes, out IReadOnlyList<ResurrectedProcess> judged)
    {
        string? problem = CheckProcesses(processes) ?? CheckServer() ?? (last ? _observer.Stop() : null);
        judged = [.. processes.Select(process => process.Comm == _server.Comm ? process with { Check = problem ?? "correct" } : process)];
        return problem;
    }

    private string? CheckProcesses(IReadOnlyList<ResurrectedProcess> processes)
    {
        ResurrectedProcess[] own = [.. processes.Where(process => process.Comm == _server.Comm)];
        string[] reasons = [.. own.Where(process => process.Outcome != "ok").Select(process => process.Outcome).Distinct()];
        return own.Length > 0 && reasons.Length == 0 ? null
            : $"{_server.Comm} did not come back: {(own.Length > 0 ? string.Join(", ", reasons) : "it was not among the dead")}";
    }

    private string? CheckServer()
    {
        // What arrives after the death and before the gate opens was sent before.
        Moment open = _console.Debug.Find(_said, "ow: gate-open") ?? throw new InternalErrorException("checked before the gate has opened");
        Answered = _observer.WaitForOperations(Operations, open.VtimeNs);
        Observation = _observer.Check();
        if (Answered is null)
            return $"{_server.Name} does not answer its observer after the crash";
        return Observation.Problem ?? (Observation.Broken > 0 ? $"{Observation.Broken} connections of the observer ended without notice" : null);
    }
}
