using System.Text;
using Emu.Core;
using Emu.Core.Machine;
using Emu.Core.Snapshots;
using Emu.Core.Worlds;
using Emu.X86;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Worlds;

namespace Otherworld.Guest.Consoles;

/// <summary>
/// A world of two machines: a server whose kernel is going to die, and an observer that uses it over the network and outlives it. The server has the first turn,
/// so that a run can stop at any of its instructions with the whole world standing there.
/// </summary>
public sealed class ObservedWorld : IDisposable
{
    /// <summary>Names of the machines.</summary>
    public const string ServerName = "server", ObserverName = "observer";

    /// <summary>Guest ns between two typed characters.</summary>
    private const ulong KeyInterval = 1_000_000;

    private readonly GuestWorld _world;
    private readonly Transcript[] _lines;
    private WorldRecorder? _recorder;

    /// <param name="plan">The two machines, the server first.</param>
    /// <param name="server">Where what the server says goes.</param>
    /// <param name="noted">Is called when the server has said something, where it stands.</param>
    /// <param name="engine">What runs both; null for what their settings say.</param>
    /// <param name="frames">Is shown every frame, or null.</param>
    public ObservedWorld(WorldPlan plan, MachineOutputs server, Action noted, EngineKind? engine = null, IFrameObserver? frames = null)
    {
        _lines = [new(Stop), new(Stop), new(Stop), new(Stop)];
        MachineOutputs observer = new() { Serial0 = _lines[0], Serial1 = _lines[1], Serial2 = _lines[2], Serial3 = _lines[3] };
        _world = GuestWorld.Create(plan, name => name == ServerName ? server : observer, engine, frames);
        _world.World.Machines[0].TextWritten = noted;
        _world.World.Machines[1].TextWritten = () => Array.ForEach(_lines, line => line.Stamp(Now));
    }

    /// <summary>The machine whose kernel dies.</summary>
    public GuestMachine Server => _world.Guests[0];

    /// <summary>The machine that looks on.</summary>
    public GuestMachine Observer => _world.Guests[1];

    /// <summary>What the observer's ttyS0 to ttyS3 said: when, in its own time, and in instructions of the server at the end of its turn.</summary>
    public IReadOnlyList<Transcript> Lines => _lines;

    /// <summary>The link between them.</summary>
    public Link Link => _world.World.Links[0];

    /// <summary>Where the server takes part in the link.</summary>
    public LinkEnd ServersEnd => Link.Ends[0];

    /// <summary>No frame comes to the server before this tick.</summary>
    public ulong NextFrame => _world.World.NextArrivalAt(_world.World.Machines[0]);

    /// <summary>Where the run stands: instructions of the server, and the observer's time.</summary>
    public Moment Now => new(Server.Processor.InstructionCount, Observer.Machine.Clock.Now);

    /// <summary>Runs both machines to a tick, or to where something happened in the server: exactly there if it was a breakpoint.</summary>
    /// <exception cref="OtherworldException">The observer has ended, which it has no reason to.</exception>
    public RunResult Run(ulong limit)
    {
        WorldMachine server = _world.World.Machines[0], observer = _world.World.Machines[1];
        while (server.End is null)
        {
            bool whole = _world.Run(limit);
            if (server.TakeHappened() is { } happened)
                return happened;
            if (observer.End is { } end)
                throw new OtherworldException($"the observer has ended: {end.Reason}.", 1);
            observer.TakeHappened();
            if (whole)
                return new RunResult(StopReason.Limit);
        }

        return server.End.Value;
    }

    /// <summary>Types on the observer's ttyS0.</summary>
    /// <returns>False when the server stopped meanwhile.</returns>
    public bool Type(string text)
    {
        foreach (byte key in Encoding.ASCII.GetBytes(text))
        {
            Observer.Machine.Inject(InputSource.Serial0, new[] { key });
            if (Run(_world.World.Now + KeyInterval).Reason != StopReason.Limit)
                return false;
        }

        return true;
    }

    /// <summary>Hash over both machines and what is under way between them.</summary>
    public ulong StateHash() => _world.World.StateHash();

    /// <inheritdoc cref="GuestWorld.Save"/>
    public WorldManifest Save(string folder, string commit, string reason) => _world.Save(folder, commit, reason);

    /// <summary>Reads what <see cref="Save"/> wrote of a world like this one.</summary>
    /// <param name="folder">Where it is.</param>
    /// <param name="said">Lengths of <see cref="Lines"/> then.</param>
    /// <returns>The server, and all that is beside it.</returns>
    /// <exception cref="OtherworldException">It is missing, damaged or foreign.</exception>
    public (MemorySnapshot Server, ObservedMoment Beside) Read(string folder, IEnumerable<int> said)
    {
        WorldManifest manifest = WorldManifest.Read(folder);
        string[] names = [.. manifest.Machines.Select(machine => machine.Name)];
        if (!names.SequenceEqual([ServerName, ObserverName]))
            throw new OtherworldException($"the snapshot '{folder}' is of {string.Join(", ", names)}, and no server with its observer.");
        MemorySnapshot[] machines = [.. manifest.Machines.Zip(_world.Guests, (machine, guest) => guest.Read(Path.Combine(folder, machine.Snapshot)))];
        return (machines[0], new ObservedMoment(machines[1], GuestWorld.StateOf(manifest), [.. said], null));
    }

    /// <summary>Records both machines from here on.</summary>
    /// <inheritdoc cref="GuestWorld.Record"/>
    public void Record(string folder, string commit, bool selfContained) => _recorder = _world.Record(folder, commit, selfContained);

    /// <summary>Ends a recording, if there is one.</summary>
    public void FinishRecording() => _recorder?.Finish();

    /// <summary>Everything beside the server, to come back to.</summary>
    public ObservedMoment Mark() =>
        new(MemorySnapshot.Take(Observer.Machine), _world.World.Save(), [.. _lines.Select(line => line.Length)], _recorder?.Mark());

    /// <summary>Becomes what it was; the server has been restored before.</summary>
    public void Rewind(ObservedMoment moment)
    {
        Restore(moment);
        foreach ((Transcript line, int length) in _lines.Zip(moment.Said))
            line.TruncateTo(length);
        if (moment.Recorded is { } recorded)
            _recorder!.Rewind(recorded);
    }

    /// <summary>The same, but for what was said and recorded.</summary>
    public void Restore(ObservedMoment moment)
    {
        moment.Observer.Restore(Observer.Machine);
        _world.World.Restore(moment.World);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _recorder?.Dispose();
        _world.Dispose();
    }

    private void Stop() => Observer.Machine.Stop.Request(StopReason.Text);
}
