using Emu.Core.Memory;

namespace Otherworld.Guest.Inspection;

/// <summary>RAM of a machine, as it is now.</summary>
/// <param name="memory">The machine's.</param>
public sealed class MachineMemory(GuestMemory memory) : PhysicalMemory
{
    private readonly GuestMemory _memory = memory;

    /// <inheritdoc/>
    public override int FrameCount => _memory.FrameCount;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Frame(int frame) => _memory.Frame(frame);
}
