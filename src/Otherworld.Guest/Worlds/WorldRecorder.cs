using Emu.Core.Replay;

namespace Otherworld.Guest.Worlds;

/// <summary>Records all machines of a world.</summary>
public sealed class WorldRecorder : IDisposable
{
    private readonly List<RunRecorder> _machines = [];

    /// <summary>Writes the ends: without them a replay takes the recorders for killed.</summary>
    public void Finish() => _machines.ForEach(machine => machine.Finish());

    /// <inheritdoc/>
    public void Dispose() => _machines.ForEach(machine => machine.Dispose());

    internal void Add(RunRecorder machine) => _machines.Add(machine);
}
