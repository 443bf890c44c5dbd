using Otherworld.Guest.Consoles;
using Otherworld.Guest.Experiments;

namespace Otherworld.Guest.Campaigns.Apps;

/// <summary>Our own <c>counter</c>, which acknowledges each number on a serial line after it has written it to a file, beside a vi with unsaved text: small and quick.</summary>
public sealed class CounterApp : ICampaignApp
{
    /// <inheritdoc/>
    public string Name => "counter";

    /// <inheritdoc/>
    public DemoApp? Story => null;

    /// <inheritdoc/>
    public string Comm => "counter";

    /// <inheritdoc/>
    public string Keys => "";

    /// <inheritdoc/>
    public ulong Window => CrashDraw.Window;

    /// <inheritdoc/>
    public AppCheck Check(GuestConsole console, Workload workload, IReadOnlyList<ResurrectedProcess> processes)
    {
        int said = console.Lines[2].Length;
        if (console.WaitFor(console.Lines[2], said, "\n", GuestShell.AnswerLimit) is not { } answered)
            return new AppCheck(AppState.Silent, "counter acknowledges no number", 0, null);
        return new CounterStory(console).CheckPrograms(0) is { } problem
            ? new AppCheck(AppState.WrongData, problem, 0, answered)
            : AppCheck.Well(answered);
    }
}
