using System.Text.Json;
using System.Text.Json.Nodes;
using Emu.Core;
using Emu.Core.Machine;
using Otherworld.Guest.Debugging;

namespace Otherworld.Guest.Qmp;

/// <summary>
/// Runs a guest beside a client that speaks QEMU's machine protocol (QMP), a part of it: stop, go on, read memory, dump, and what our monitor knows. A live guest runs
/// from the start; a replay stands still until a client says <c>cont</c>, and at its end as long as a client is there. Nothing of that changes the run.
/// </summary>
public sealed class QmpServer : IDebugServer
{
    /// <summary>Where clients expect it.</summary>
    public const int DefaultPort = 4444;

    private const ulong Slice = 2_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private readonly DebugListener _listener;
    private readonly DebugTarget _target;
    private readonly QmpCommands _commands;
    private readonly Action<string> _say;
    private QmpConnection? _client;
    private RunResult? _end;
    private bool _isReady;

    /// <param name="target">What is looked at.</param>
    /// <param name="listener">Where clients connect, one at a time; disposed with the server.</param>
    /// <param name="version">Of this program: three numbers.</param>
    /// <param name="say">Gets a line for people when a client comes or goes.</param>
    public QmpServer(DebugTarget target, DebugListener listener, Version version, Action<string> say)
    {
        _target = target;
        _listener = listener;
        _say = say;
        IsRunning = target.IsLive;
        _commands = new QmpCommands(this, target, version);
    }

    /// <inheritdoc/>
    public bool IsKilled { get; private set; }

    /// <inheritdoc/>
    public Action? BetweenSlices { get; set; }

    /// <summary>The guest runs, as far as clients are concerned.</summary>
    internal bool IsRunning { get; private set; }

    /// <summary>QMP's word for how the guest is.</summary>
    internal string Status => _end is not null ? "shutdown" : IsRunning ? "running" : "paused";

    /// <summary>The client is gone: what takes long is given up.</summary>
    internal bool IsAlone => _client is not { IsClosed: false };

    /// <inheritdoc/>
    public RunResult Run(ulong limit)
    {
        while (true)
        {
            Serve();
            if (IsKilled)
                return new RunResult(StopReason.None);
            if (_end is { } end && _client is null)
                return end;
            if (!IsRunning)
            {
                if (_target.IsLive && !_target.Timeline.IsPast && _target.Timeline.Tick < limit)
                    return new RunResult(StopReason.Limit);
                continue;
            }

            RunResult result = _target.Run(limit, Slice);
            BetweenSlices?.Invoke();
            if (result.Reason == StopReason.Limit && (_target.Timeline.IsPast || _target.Timeline.Tick < limit))
                continue;
            if (result.Reason is StopReason.Limit or StopReason.Idle or StopReason.Breakpoint)
                return result;
            Ended(result);
            if (_target.IsLive)
                return result;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client?.Dispose();
        _listener.Dispose();
    }

    /// <summary>Stops the guest where it stands.</summary>
    internal void Stop()
    {
        if (!IsRunning)
            return;
        IsRunning = false;
        Tell("STOP");
    }

    /// <summary>Lets the guest go on.</summary>
    internal void Continue()
    {
        if (_end is not null && !_target.Timeline.IsPast)
            throw new QmpError("the run ends here");
        _end = null;
        if (IsRunning)
            return;
        IsRunning = true;
        Tell("RESUME");
    }

    /// <summary>Ends the run.</summary>
    internal void Quit()
    {
        IsKilled = true;
        IsRunning = false;
    }

    /// <summary>The client knows the protocol: commands may follow.</summary>
    internal void Ready() => _isReady = _isReady ? throw new QmpError("Capabilities negotiation is already complete, command ignored", QmpError.NotFound) : true;

    private void Ended(RunResult result)
    {
        if (result.Reason == StopReason.Reset)
            Tell("RESET", new JsonObject { ["guest"] = true, ["reason"] = "guest-reset" });
        if (result.Reason is not (StopReason.None or StopReason.Text))
        {
            string reason = result.Reason switch { StopReason.Reset => "guest-reset", StopReason.TripleFault or StopReason.FaultLoop => "guest-panic", _ => "guest-shutdown" };
            Tell("SHUTDOWN", new JsonObject { ["guest"] = true, ["reason"] = reason });
        }

        Stop();
        _end = result;
    }

    /// <summary>Takes what a client has to say; waits a moment when there is nothing else to do.</summary>
    private void Serve()
    {
        TimeSpan wait = IsRunning ? TimeSpan.Zero : Patience;
        if (_client is null)
        {
            if (_listener.Accept(wait) is not { } stream)
                return;
            _client = new QmpConnection(stream);
            _isReady = false;
            _client.Send(_commands.Greeting());
            _say("a QMP client has connected");
        }

        bool more = true;
        while (more && !IsKilled)
        {
            more = Take(IsRunning ? TimeSpan.Zero : Patience);
        }

        if (IsKilled)
            Tell("SHUTDOWN", new JsonObject { ["guest"] = false, ["reason"] = "host-qmp-quit" });
        if (!_client.IsClosed)
            return;
        _client.Dispose();
        _client = null;
        _say("the QMP client is gone");
    }

    /// <summary>Answers one message.</summary>
    /// <returns>False when there was none.</returns>
    private bool Take(TimeSpan wait)
    {
        JsonNode? id = null;
        try
        {
            if (!_client!.TryReceive(wait, out JsonDocument? message))
                return false;
            using (message)
            {
                if (message.RootElement.ValueKind == JsonValueKind.Object && message.RootElement.TryGetProperty("id", out JsonElement said))
                    id = JsonNode.Parse(said.GetRawText());
                Answer("return", _commands.Execute(message.RootElement, _isReady) ?? new JsonObject(), id);
            }
        }
        catch (Exception e) when (e is QmpError or OtherworldException)
        {
            Answer("error", new JsonObject { ["class"] = (e as QmpError)?.Kind ?? QmpError.Generic, ["desc"] = e.Message }, id);
            if (!_isReady && e is QmpError { Kind: QmpError.Generic })
                _client!.Leave(); // no QMP client: perhaps a browser that was sent here
        }

        return true;
    }

    private void Answer(string kind, JsonNode value, JsonNode? id)
    {
        JsonObject answer = new() { [kind] = value };
        if (id is not null)
            answer["id"] = id;
        _client!.Send(answer);
    }

    /// <summary>Sends an event to a client that is there and ready. Its time is the guest's.</summary>
    private void Tell(string name, JsonObject? data = null)
    {
        if (_client is null || !_isReady)
            return;
        ulong microseconds = _target.Timeline.Tick / 1000;
        JsonObject told = new() { ["timestamp"] = new JsonObject { ["seconds"] = microseconds / 1_000_000, ["microseconds"] = microseconds % 1_000_000 }, ["event"] = name };
        if (data is not null)
            told["data"] = data;
        _client.Send(told);
    }
}
