using Emu.Core.Machine;

namespace Emu.Core.Replay;

/// <summary>Runs a machine and gives it its inputs: from a journal, or from outside.</summary>
public interface IRunSource
{
    /// <summary>No input comes before this tick; <see cref="Time.EventQueue.Never"/> where that is not known or none will come.</summary>
    ulong NextTick { get; }

    /// <summary>Runs to a tick, or until something happens.</summary>
    RunResult Run(ulong limit);
}
