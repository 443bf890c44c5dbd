using System.CommandLine;
using Emu.Core;
using Emu.Core.Worlds;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Observing;
using Otherworld.Guest.Worlds;

namespace Otherworld.Cli;

/// <summary>The options that say how a server is observed from a machine of its own.</summary>
internal sealed class ObserverOptions
{
    private const string Where = "it is for --app redis, mariadb or apache, without --gdb, --lockstep and --procedure.";

    private readonly Option<bool?> _observer = new("--observer")
    {
        Description = "With a server: its client is in a second machine that outlives the crash, and logs what is acknowledged (true); false: in the same machine, as it is always with --gdb, --lockstep and --procedure.",
        HelpName = "BOOL",
    };

    private readonly Option<string?> _latency = new("--latency") { Description = "Of the link to the observer (100us).", HelpName = "TIME" };
    private readonly Option<string?> _bandwidth = new("--bandwidth") { Description = "Of that link, bits per second in each direction, 0 for no limit (1G).", HelpName = "RATE" };
    private readonly Option<string?> _loss = new("--loss") { Description = "Share of the frames that it loses (0).", HelpName = "SHARE" };
    private readonly Option<string?> _pcap = new("--pcap") { Description = "Write its frames to a file, as pcapng.", HelpName = "FILE" };

    /// <summary>Adds them to a verb.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_observer, _latency, _bandwidth, _loss, _pcap])
            command.Options.Add(option);
    }

    /// <summary>What was said.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="app">What the demo is about.</param>
    /// <param name="isForOne">Something else that was asked for looks at one machine only.</param>
    /// <returns>Null when there is no observer.</returns>
    /// <exception cref="OtherworldException">A value is no good, or there is nothing to observe.</exception>
    public ObserverSettings? Read(ParseResult parsed, DemoApp? app, bool isForOne)
    {
        bool can = app is { } some && DemoApps.IsServer(some) && !isForOne;
        bool wanted = parsed.GetValue(_observer) ?? can;
        if (wanted && !can)
            throw new OtherworldException($"--observer: {Where}");
        if (!wanted)
        {
            return new Option[] { _latency, _bandwidth, _loss, _pcap }.FirstOrDefault(option => parsed.GetResult(option) is not null) is { } idle
                ? throw new OtherworldException($"{idle.Name} is about the link to an observer, and there is none here: {Where}")
                : null;
        }

        LinkDescription plain = new ObserverSettings().Link;
        return new ObserverSettings
        {
            Link = plain with
            {
                Latency = parsed.GetValue(_latency) is { } latency ? Quantity.ParseTime(latency) : plain.Latency,
                Bandwidth = parsed.GetValue(_bandwidth) is { } bandwidth ? Quantity.ParseBitRate(bandwidth) : plain.Bandwidth,
                Loss = parsed.GetValue(_loss) is { } loss ? WorldFile.ParseLoss(loss) : 0,
            },
            Capture = parsed.GetValue(_pcap),
        };
    }
}
