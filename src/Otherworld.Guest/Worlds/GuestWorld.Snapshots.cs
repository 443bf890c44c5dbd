using System.Globalization;
using Emu.Core;
using Emu.Core.Devices;
using Emu.Core.Machine;
using Emu.Core.State;
using Emu.Core.Worlds;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Runs;

namespace Otherworld.Guest.Worlds;

/// <summary>Saving a world, continuing one, recording one.</summary>
public sealed partial class GuestWorld
{
    /// <summary>Continues a snapshot.</summary>
    /// <param name="folder">Where <see cref="Save"/> put it, or a recording.</param>
    /// <param name="consoleOf">Where a machine's ttyS0 goes, by its name.</param>
    /// <param name="engine">What runs them; null for the fastest this host can run.</param>
    /// <param name="observer">Builds what is shown every frame from the links, or null.</param>
    /// <exception cref="OtherworldException">The snapshot is missing, damaged or foreign.</exception>
    public static GuestWorld FromSnapshot(string folder, Func<string, IByteSink> consoleOf, EngineKind? engine = null, IFrameObserver? observer = null)
    {
        WorldManifest manifest = WorldManifest.Read(folder);
        Link[] links = [.. manifest.Links.Select((line, index) => new Link(DescriptionOf(line), index, manifest.Seed))];
        GuestWorld world = Compose(
            [.. manifest.Machines.Select(machine => machine.Name)],
            links,
            0,
            observer,
            index => GuestMachine.FromSnapshot(Path.Combine(folder, manifest.Machines[index].Snapshot), [], Outputs(manifest.Machines[index].Name, links, name => new MachineOutputs { Serial0 = consoleOf(name) }), engine: engine),
            manifest.Seed);
        try
        {
            world.World.Restore(StateOf(manifest));
            string found = Hash(world);
            if (found != manifest.StateHash)
                throw new OtherworldException($"the snapshot '{folder}' is damaged: its state is {found}, it says {manifest.StateHash}.");
            return world;
        }
        catch
        {
            world.Dispose();
            throw;
        }
    }

    /// <summary>Saves the world as it is into a folder; the run can go on.</summary>
    /// <param name="folder">It must be empty, not exist, or hold a snapshot of a world, which is replaced.</param>
    /// <param name="commit">Of this program.</param>
    /// <param name="reason">Why, for a person.</param>
    /// <exception cref="OtherworldException">The folder is in use or cannot be written to.</exception>
    public WorldManifest Save(string folder, string commit, string reason)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any() && !WorldManifest.IsIn(folder))
            throw new OtherworldException($"'{folder}' is not empty: a snapshot of a world has a folder of its own. Give another name, or delete it.");
        WorldManifest manifest = Describe(commit, reason, name => $"{name}.snapshot");
        try
        {
            Directory.CreateDirectory(folder);
            File.Delete(Path.Combine(folder, WorldManifest.FileName)); // until it is there again, there is no snapshot
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OtherworldException($"'{folder}' cannot be written to: {e.Message}", 3);
        }

        for (int i = 0; i < Guests.Length; i++)
            Guests[i].Save(Path.Combine(folder, manifest.Machines[i].Snapshot), commit, reason);
        manifest.Write(folder);
        return manifest;
    }

    /// <summary>Records the world from where it stands: each machine a run of its own, with the frames that reach it, under its name in the folder.</summary>
    /// <param name="folder">It must be empty or not exist.</param>
    /// <param name="commit">Of this program.</param>
    /// <param name="selfContained">Copy the disk images into the folder.</param>
    /// <returns>Records until it is disposed.</returns>
    /// <exception cref="OtherworldException">The folder is in use or cannot be written to.</exception>
    public WorldRecorder Record(string folder, string commit, bool selfContained)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new OtherworldException($"'{folder}' is not empty: a world is recorded into a folder of its own. Give another name, or delete it.");
        WorldManifest manifest = Describe(commit, "a recording starts", name => $"{name}/{RunFolder.StartName}");
        var recorder = new WorldRecorder();
        try
        {
            for (int i = 0; i < Guests.Length; i++)
                recorder.Add(RunFolder.Record(Path.Combine(folder, World.Machines[i].Name), Guests[i], commit, selfContained));
            manifest.Write(folder);
            return recorder;
        }
        catch
        {
            recorder.Dispose();
            throw;
        }
    }

    private static string Hash(GuestWorld world) => world.World.StateHash().ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>A link as a snapshot describes it.</summary>
    public static LinkDescription DescriptionOf(WorldManifest.Line line) =>
        new() { Between = [.. line.Between], Latency = line.Latency, Bandwidth = line.Bandwidth, Loss = line.Loss };

    /// <summary>The links of a snapshot.</summary>
    internal static WorldState StateOf(WorldManifest manifest) => new(
        manifest.Tick,
        [.. manifest.Machines.Select(machine => machine.End is { } end ? new RunResult(end, machine.Value) : (RunResult?)null)],
        [.. manifest.Links.SelectMany(line => line.Ends).Select(ImageOf)]);

    private static EndImage ImageOf(WorldManifest.Plug end) => new(
        new LinkEndState { FreeAt = end.FreeAt, Sent = end.Sent, Dropped = end.Dropped },
        [.. end.Wires.Select(wire => new WireImage(
            new WireState { Losses = GeneratorOf(wire.Losses), Carried = wire.Carried, Lost = wire.Lost, Overrun = wire.Overrun },
            [.. wire.UnderWay.Select(packet => new Transit(packet.Arrival, packet.Frame))]))]);

    private static Prng GeneratorOf(IReadOnlyList<ulong> words) => words.Count == 4
        ? new Prng { S0 = words[0], S1 = words[1], S2 = words[2], S3 = words[3] }
        : throw new OtherworldException("the snapshot's links do not fit its machines.");

    private WorldManifest Describe(string commit, string reason, Func<string, string> snapshotOf)
    {
        WorldState state = World.Save();
        int next = 0;
        return new WorldManifest
        {
            Format = WorldManifest.FormatVersion,
            Commit = commit,
            Reason = reason,
            StateHash = Hash(this),
            Seed = _seed,
            Tick = World.Now,
            Machines = [.. World.Machines.Select(machine => new WorldManifest.Machine(machine.Name, snapshotOf(machine.Name), machine.End?.Reason, machine.End?.Value ?? 0))],
            Links =
            [
                .. World.Links.Select(link => link.Description).Select(link => new WorldManifest.Line(
                    link.Between, link.Latency, link.Bandwidth, link.Loss, [.. link.Between.Select(_ => PlugOf(state.Links[next++]))])),
            ],
        };
    }

    private static WorldManifest.Plug PlugOf(EndImage end) => new(end.State.FreeAt, end.State.Sent, end.State.Dropped, [.. end.Wires.Select(wire =>
    {
        Prng losses = wire.State.Losses;
        return new WorldManifest.Way(
            [losses.S0, losses.S1, losses.S2, losses.S3],
            wire.State.Carried,
            wire.State.Lost,
            wire.State.Overrun,
            [.. wire.UnderWay.Select(transit => new WorldManifest.Packet(transit.Arrival, transit.Frame.ToArray()))]);
    })]);
}
