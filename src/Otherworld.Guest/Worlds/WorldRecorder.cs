using Emu.Core.Replay;

namespace Otherworld.Guest.Worlds;

/// <summary>Records all machines of a world.</summary>
public sealed class WorldRecorder : IDisposable
{
    private readonly List<RunRecorder> _machines = [];

    /// <summary>Writes the ends: without them a replay takes the recorders for killed.</summary>
    public void Finish() => _machines.ForEach(machine => machine.Finish());

    /// <summary>Now, to come back to with the world.</summary>
    public IReadOnlyList<RecorderMark> Mark() => [.. _machines.Select(machine => machine.Mark())];

    /// <summary>Takes back what was recorded since, because the machines have been restored to what they were then.</summary>
    public void Rewind(IReadOnlyList<RecorderMark> marks)
    {
        foreach ((RunRecorder machine, RecorderMark mark) in _machines.Zip(marks))
            machine.Rewind(mark);
    }

    /// <inheritdoc/>
    public void Dispose() => _machines.ForEach(machine => machine.Dispose());

    internal void Add(RunRecorder machine) => _machines.Add(machine);
}
