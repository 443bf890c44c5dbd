using Emu.Core.Memory;
using Emu.Core.State;

namespace Emu.Core.Snapshots;

/// <summary>What a machine shows of itself to be saved, restored, hashed and compared.</summary>
public interface ISnapshotable
{
    /// <summary>The machine description as canonical JSON: enough to build an equal machine.</summary>
    string DescriptionJson { get; }

    /// <summary>RAM.</summary>
    GuestMemory Memory { get; }

    /// <summary>All parts with state, the processor, clock and timers among them, in the order of the machine. Those that are also <see cref="IVisitable"/> have more than their struct.</summary>
    IReadOnlyList<IStateful> Parts { get; }

    /// <summary>The present tick.</summary>
    ulong Tick { get; }

    /// <summary>Instructions retired since power-on.</summary>
    ulong InstructionCount { get; }

    /// <summary>Makes the processor forget what it derived from page tables and state. Code it has decoded may stay: it follows every announced change of RAM.</summary>
    void DropTranslations();

    /// <summary>All state was replaced: lets every part recompute what it derives, and forgets what waits outside the state.</summary>
    void Restored();
}
