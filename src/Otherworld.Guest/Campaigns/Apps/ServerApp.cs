using Otherworld.Guest.Consoles;
using Otherworld.Guest.Experiments;

namespace Otherworld.Guest.Campaigns.Apps;

/// <summary>A server and its client; acknowledged is every number that the client has sent to the outside.</summary>
/// <param name="story">How it is started.</param>
/// <param name="server">How it is used.</param>
public sealed class ServerApp(DemoApp story, Server server) : ICampaignApp
{
    /// <summary>Answers that must come afterwards.</summary>
    private const int Answers = 5;

    private readonly Server _server = server;

    /// <inheritdoc/>
    public string Name => DemoApps.Name(Story!.Value);

    /// <inheritdoc/>
    public DemoApp? Story { get; } = story;

    /// <inheritdoc/>
    public string Comm => _server.Comm;

    /// <inheritdoc/>
    public string Keys => "";

    /// <inheritdoc/>
    public ulong Window => 40_000_000;

    /// <inheritdoc/>
    public AppCheck Check(GuestConsole console, Workload workload, IReadOnlyList<ResurrectedProcess> processes)
    {
        AnswerLog log = new(console);
        List<int> before = log.Numbers();
        int said = log.Length;
        if (processes.Any(process => process.Comm == "bash" && process.Outcome != "ok") && StartClient(console) is { } none)
            return new AppCheck(AppState.Silent, none, 0, null);
        Moment? answered = log.Wait(said, 1);
        string lost = "";
        if (answered is null)
        {
            lost = "the client that waited for an answer gets none; a new one does";
            said = log.Length;
            if (!ReplaceClient(console) || log.Wait(said, 1) is not { } again)
                return new AppCheck(AppState.Silent, $"{Name} answers no client, old or new", 0, null);
            answered = again;
        }

        if (log.Wait(said, Answers) is null)
            return new AppCheck(AppState.Silent, $"{Name} answers no client after the first time", 0, answered);
        if (log.Compare(Name, before, out int gone) is { } problem)
            return new AppCheck(AppState.WrongData, problem, gone, answered);
        return new AppCheck(lost.Length > 0 ? AppState.Degraded : AppState.Correct, lost, 0, answered);
    }

    /// <summary>Ends the client, which may hang in a request, and starts another.</summary>
    private bool ReplaceClient(GuestConsole console)
    {
        GuestShell shell = new(console, 1);
        int line = shell.Ask("kill -9 $(jobs -p); pkill -9 -x redis-cli; pkill -9 -x mariadb; pkill -9 -x curl", out _) is null ? 1 : 0;
        return console.Type(line, _server.ClientCommand);
    }

    /// <summary>The client and the shells were processes of the dead kernel like any other: when one of them is gone, a shell that is there makes sure that one client runs.</summary>
    /// <returns>What is wrong, or null.</returns>
    private string? StartClient(GuestConsole console)
    {
        GuestShell first = new(console, 1);
        if (first.Ask("jobs -r", out string jobs) is null)
        {
            if (!jobs.Contains("Running", StringComparison.Ordinal))
                console.Type(1, _server.ClientCommand);
            return null;
        }

        return new GuestShell(console, 0).CheckAlive() ?? (console.Type(0, _server.ClientCommand) ? null : "the guest stopped while its client was started");
    }
}
