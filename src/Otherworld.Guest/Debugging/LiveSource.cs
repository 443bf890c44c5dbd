using Emu.Core.Machine;
using Emu.Core.Replay;
using Emu.Core.Time;

namespace Otherworld.Guest.Debugging;

/// <summary>A machine whose inputs come from whoever calls <see cref="PcMachine.Inject(in InputEvent)"/>.</summary>
/// <param name="machine">The machine.</param>
public sealed class LiveSource(PcMachine machine) : IRunSource
{
    private readonly PcMachine _machine = machine;

    /// <inheritdoc/>
    public ulong NextTick => EventQueue.Never;

    /// <inheritdoc/>
    public RunResult Run(ulong limit) => _machine.Run(limit);
}
