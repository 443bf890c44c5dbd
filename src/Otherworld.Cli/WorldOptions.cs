using Emu.Core;
using Emu.Core.Devices;
using Emu.Core.Host;
using Emu.Core.Worlds;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Worlds;

namespace Otherworld.Cli;

/// <summary>What <c>boot</c> was asked to do with several machines.</summary>
internal sealed record WorldOptions
{
    /// <summary>The machine file; null with <see cref="From"/>.</summary>
    public required WorldPlan? Plan { get; init; }

    /// <summary>The snapshot to continue.</summary>
    public required string? From { get; init; }

    /// <summary>The machine whose console is the terminal; null for the first.</summary>
    public required string? Console { get; init; }

    public required string? Until { get; init; }

    public required RunLimit? Limit { get; init; }

    public required Pace Pace { get; init; }

    /// <summary>What runs all machines; null for what each one's settings say.</summary>
    public required EngineKind? Engine { get; init; }

    /// <summary>Where to save a snapshot at the end, or null.</summary>
    public required string? Save { get; init; }

    /// <summary>Folder to record into, or null.</summary>
    public required string? Record { get; init; }

    /// <summary>The recording holds its disk images.</summary>
    public required bool SelfContained { get; init; }

    /// <summary>File for the frames, or null.</summary>
    public required string? Pcap { get; init; }

    public required bool Json { get; init; }

    /// <summary>Names of the machines.</summary>
    public IReadOnlyList<string> Names => Plan is null ? [.. WorldManifest.Read(From!).Machines.Select(machine => machine.Name)] : [.. Plan.Machines.Select(machine => machine.Name)];

    /// <summary>The links.</summary>
    public IReadOnlyList<LinkDescription> Links => Plan is null ? [.. WorldManifest.Read(From!).Links.Select(GuestWorld.DescriptionOf)] : Plan.Links;

    /// <summary>The world as asked for, loaded, or continued.</summary>
    /// <param name="consoleOf">Where a machine's ttyS0 goes.</param>
    /// <param name="observer">Is shown every frame, or null.</param>
    /// <exception cref="OtherworldException">Something it needs is missing or no good.</exception>
    public GuestWorld Create(Func<string, IByteSink> consoleOf, IFrameObserver? observer) => Plan is null
        ? GuestWorld.FromSnapshot(From!, consoleOf, Engine, observer)
        : GuestWorld.Create(Plan, consoleOf, Engine, observer);
}
