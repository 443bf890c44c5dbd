using System.Globalization;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Observing;

namespace Otherworld.Guest.Campaigns.Apps;

/// <summary>
/// A server that a client in another machine uses over the network without a pause. That machine outlives every death, and the log it keeps of what was acknowledged
/// decides: afterwards the server answers on the connection it had, and holds exactly what the log says.
/// </summary>
/// <param name="story">How it is started.</param>
/// <param name="server">How it is used.</param>
public sealed class ServerApp(DemoApp story, Server server) : ICampaignApp
{
    /// <summary>Operations that must be acknowledged afterwards.</summary>
    private const int Answers = 10;

    private readonly Server _server = server;

    /// <inheritdoc/>
    public string Name => DemoApps.Name(Story!.Value);

    /// <inheritdoc/>
    public DemoApp? Story { get; } = story;

    /// <inheritdoc/>
    public ObserverSettings? Observer { get; } = new();

    /// <inheritdoc/>
    public string Comm => _server.Comm;

    /// <inheritdoc/>
    public string Keys => "";

    /// <inheritdoc/>
    public ulong Window => 40_000_000;

    /// <inheritdoc/>
    public AppCheck Check(GuestConsole console, Workload workload, IReadOnlyList<ResurrectedProcess> processes)
    {
        Observer observer = new(console, _server);
        // What arrives after the death and before processes run was sent before.
        Moment since = workload.Revival ?? console.Now;
        Moment? answered = observer.WaitForOperations(Answers, since.VtimeNs);
        Observation found = answered is null ? observer.Compare() : observer.Check();
        (AppState state, string reason) = Judge(Name, answered, found);
        return new AppCheck(state, reason, found.Lost, answered, found);
    }

    /// <summary>The worst first: data that is not what it must be, a client that waits for ever, one that was turned away.</summary>
    internal static (AppState State, string Reason) Judge(string name, Moment? answered, Observation found)
    {
        if (found.IsWrong)
            return (AppState.WrongData, found.Problem!);
        if (answered is null)
            return (AppState.Silent, $"{name} does not answer its observer, nor end the connection");
        if (found.Problem is { } silence)
            return (AppState.Silent, silence);
        if (found.Broken > 0)
            return (AppState.Degraded, string.Create(CultureInfo.InvariantCulture, $"{found.Broken} connections of the observer ended without notice"));
        return found.Refused > 0
            ? (AppState.Degraded, string.Create(CultureInfo.InvariantCulture, $"{found.Refused} operations were answered and not done"))
            : (AppState.Correct, "");
    }
}
