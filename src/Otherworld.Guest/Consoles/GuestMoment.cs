using Emu.Core.Replay;
using Emu.Core.Snapshots;

namespace Otherworld.Guest.Consoles;

/// <summary>A point of a run that can be gone back to.</summary>
/// <param name="Snapshot">The machine.</param>
/// <param name="Said">Lengths of all transcripts.</param>
/// <param name="Recorded">The recording; null where there is none.</param>
/// <param name="Beside">What else is in its world; null for a machine alone.</param>
public sealed record GuestMoment(MemorySnapshot Snapshot, IReadOnlyList<int> Said, RecorderMark? Recorded, ObservedMoment? Beside = null);
