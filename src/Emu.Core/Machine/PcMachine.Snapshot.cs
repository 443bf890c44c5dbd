using Emu.Core.Snapshots;
using Emu.Core.State;
using Emu.Core.Time;

namespace Emu.Core.Machine;

/// <summary>What snapshots see. Inputs that wait for their tick are not the machine's: they belong to whoever feeds it, and are dropped when it is restored.</summary>
public sealed partial class PcMachine
{
    /// <inheritdoc/>
    string ISnapshotable.DescriptionJson => Description.ToJson();

    /// <inheritdoc/>
    IReadOnlyList<IStateful> ISnapshotable.Parts => _devices;

    /// <inheritdoc/>
    ulong ISnapshotable.Tick => Clock.Now;

    /// <inheritdoc/>
    ulong ISnapshotable.InstructionCount => Processor.InstructionCount;

    /// <inheritdoc/>
    void ISnapshotable.DropTranslations() => Processor.DropTranslations();

    /// <inheritdoc/>
    void ISnapshotable.Restored()
    {
        _inputs.Clear();
        _settledTick = EventQueue.Never;
        Restored();
    }
}
