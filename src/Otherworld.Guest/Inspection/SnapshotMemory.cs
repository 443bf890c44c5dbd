using Emu.Core.Memory;

namespace Otherworld.Guest.Inspection;

/// <summary>RAM of a snapshot, read in place: no machine is built and no disk image is needed.</summary>
/// <param name="ram">The snapshot's.</param>
public sealed class SnapshotMemory(RamImage ram) : PhysicalMemory
{
    private readonly RamImage _ram = ram;

    /// <inheritdoc/>
    public override int FrameCount => _ram.FrameCount;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Frame(int frame) => _ram[frame].IsZero ? default : _ram[frame].Bytes;
}
