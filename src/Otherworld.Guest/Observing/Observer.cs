using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Observing;

/// <summary>
/// Uses a server from another machine, one operation after the other over one connection, and keeps a log of what was acknowledged. The program that does it is
/// <c>images/observer</c>; it runs on through all deaths of the server's kernel, and what it has logged no death can take back.
/// </summary>
/// <param name="console">A server machine in a world.</param>
/// <param name="server">The server on it.</param>
public sealed class Observer(GuestConsole console, Server server)
{
    private const string ServerAddress = "10.0.0.1";
    private const string ObserverAddress = "10.0.0.2";
    private const ulong StartLimit = 2_000_000_000;

    /// <summary>Instructions of the server in which it has to answer; in idle time the same number of ns.</summary>
    private const ulong AnswerLimit = 3_000_000_000;

    private readonly GuestConsole _console = console;
    private readonly ObservedWorld _world = console.World ?? throw new ArgumentException("there is no observer beside it", nameof(console));
    private readonly Server _server = server;
    private bool _isConfigured;

    /// <summary>The log, where it comes out of the observer's machine.</summary>
    public Transcript Log => _world.Lines[2];

    /// <summary>Gives both machines their addresses, and has the client begin.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? Start()
    {
        if (!_isConfigured && Configure() is { } problem)
            return problem;
        _isConfigured = true;
        if (!_world.Type($"observe {_server.Name} {ServerAddress} >/dev/ttyS2\n"))
            return "the server stopped while its client was started";
        return _console.WaitFor(Log, 0, "ready", StartLimit) is null
            ? $"the observer cannot connect to {_server.Name}: '{Log.From(0).Trim()}'"
            : null;
    }

    /// <summary>Waits until so many more operations are acknowledged.</summary>
    /// <param name="count">How many.</param>
    /// <param name="after">Only those that were acknowledged later, ns.</param>
    /// <returns>When the first of them was; null if they did not come.</returns>
    public Moment? WaitForOperations(int count, ulong after)
    {
        ulong last = _console.Now.VtimeNs + AnswerLimit;
        while (true)
        {
            LogEntry[] answers = [.. LogEntry.ReadAll(Log).Where(entry => entry.IsAcknowledgement && entry.When.VtimeNs > after)];
            if (answers.Length >= count)
                return answers[0].When;
            if (_console.Now.VtimeNs >= last || !_console.Pass(2_000_000))
                return null;
        }
    }

    /// <summary>Compares what was logged until now with what was read back until now, if anything was.</summary>
    public Observation Compare() => LogComparison.Of(LogEntry.ReadAll(Log));

    /// <summary>Has the client read back what the server holds, and compares.</summary>
    public Observation Check()
    {
        int said = Log.Length;
        string? problem = _world.Type("check\n") && _console.WaitFor(Log, said, "held-end", AnswerLimit) is not null ? null : $"{_server.Name} cannot be read back";
        Observation found = Compare();
        return found with { Problem = found.Problem ?? problem };
    }

    /// <summary>Ends the client.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? Stop()
    {
        int said = Log.Length;
        return _world.Type("quit\n") && _console.WaitFor(Log, said, "end", AnswerLimit) is not null ? null : "the observer's client does not end";
    }

    private string? Configure()
    {
        if (!_console.Type(0, $"ip addr add {ServerAddress}/24 dev eth0; ip link set eth0 up\n"))
            return "the server stopped while its network was configured";
        if (_console.WaitFor(_world.Lines[0], 0, GuestShell.Prompt, StartLimit) is null)
            return "the observer shows no shell";
        // Nothing of what is typed to the client comes back on the line it is typed on.
        return _world.Type($"stty -echo; ip addr add {ObserverAddress}/24 dev eth0; ip link set eth0 up\n") ? null : "the server stopped while the observer was configured";
    }
}
