using Emu.Core.Snapshots;

namespace Otherworld.Guest.Debugging;

/// <summary>A place a run can be put back to.</summary>
/// <param name="Snapshot">The machine.</param>
/// <param name="Inputs">Inputs it had had.</param>
internal sealed record Checkpoint(MemorySnapshot Snapshot, int Inputs)
{
    /// <summary>Instructions retired since power-on.</summary>
    public ulong InstructionCount => Snapshot.InstructionCount;

    /// <summary>When.</summary>
    public ulong Tick => Snapshot.Tick;

    /// <summary>What it keeps in memory, in pieces that other checkpoints may share, with their bytes.</summary>
    public IEnumerable<(object Piece, long Bytes)> Pieces()
    {
        yield return (Snapshot, Snapshot.Ram.FrameCount * 16L);
        foreach (Emu.Core.Memory.PageRegion region in Snapshot.Ram.Regions())
            yield return (region, region.Size);
        foreach (Emu.Core.State.PageImage image in Snapshot.PageSets.Values)
        {
            foreach (byte[] page in image.Pages)
                yield return (page, page.Length);
        }
    }
}
