using Emu.Core.Replay;
using Emu.Core.Snapshots;

namespace Otherworld.Guest.Experiments;

/// <summary>A point of a run that can be gone back to.</summary>
/// <param name="Snapshot">The machine.</param>
/// <param name="Said">Lengths of all transcripts.</param>
/// <param name="Recorded">The recording; null where there is none.</param>
public sealed record GuestMoment(MemorySnapshot Snapshot, IReadOnlyList<int> Said, RecorderMark? Recorded);
