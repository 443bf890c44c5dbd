using System.Collections.Immutable;
using Emu.Core.Replay;
using Emu.Core.Snapshots;
using Emu.Core.Worlds;

namespace Otherworld.Guest.Consoles;

/// <summary>An observer's world at one moment, apart from its server.</summary>
/// <param name="Observer">The observer's machine.</param>
/// <param name="World">The links.</param>
/// <param name="Said">Lengths of the observer's transcripts.</param>
/// <param name="Recorded">The recording; null where there is none.</param>
public sealed record ObservedMoment(MemorySnapshot Observer, WorldState World, ImmutableArray<int> Said, IReadOnlyList<RecorderMark>? Recorded);
