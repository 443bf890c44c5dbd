using Emu.Core.Host;
using Emu.Core.Machine;
using Otherworld.Guest.Boot;

namespace Otherworld.Cli;

/// <summary>A guest, one line of which is this terminal, up to a limit.</summary>
/// <param name="guest">What runs.</param>
/// <param name="pace">How guest time relates to the host's.</param>
/// <param name="limit">When it ends at the latest; null for never.</param>
/// <param name="terminal">What is flushed between slices.</param>
/// <param name="run">What runs a slice; null for the machine itself.</param>
/// <param name="line">The line that the terminal is.</param>
internal sealed class LiveConsole(GuestMachine guest, Pace pace, RunLimit? limit, StreamSink terminal, Func<ulong, RunResult>? run = null,
    InputSource line = InputSource.Serial0)
{
    private readonly GuestMachine _guest = guest;
    private readonly Pace _pace = pace;
    private readonly RunLimit? _limit = limit;
    private readonly StreamSink _terminal = terminal;
    private readonly Func<ulong, RunResult>? _run = run;
    private readonly InputSource _line = line;

    /// <summary>Runs; the terminal is as it was before when this returns.</summary>
    /// <returns>Why it ended, and whether the person left.</returns>
    public (RunResult Result, bool Quit) Run()
    {
        using Stream keyboard = HostStreams.OpenStandardInput();
        using StreamSource input = new(keyboard);
        using RawTerminal? raw = RawTerminal.TryEnter();
        ConsoleSession session = new(_guest.Machine, _pace, input, [_terminal], run: _run, line: _line);
        RunResult result = RunToLimit(session);
        return (result, session.Quit);
    }

    private RunResult RunToLimit(ConsoleSession session)
    {
        if (_limit?.From(_guest) is not { } limit)
            return session.Run(ulong.MaxValue);
        RunResult result;
        do
            result = session.Run(limit.NextTick(_guest));
        while (result.Reason == StopReason.Limit && !limit.IsReached(_guest));
        return result;
    }
}
