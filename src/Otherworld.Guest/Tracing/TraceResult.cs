using Emu.Core.Replay;

namespace Otherworld.Guest.Tracing;

/// <summary>A finished trace.</summary>
/// <param name="Counts">What it holds; all 0 in folded form.</param>
/// <param name="Samples">Looks at the stack; 0 in the other forms.</param>
/// <param name="Icount">Instructions since power-on at its end.</param>
/// <param name="VtimeNs">Guest time there, ns.</param>
/// <param name="Checked">Hashes that the replay compared on the way.</param>
/// <param name="Divergence">The first difference from the recording; null when there is none.</param>
/// <param name="FinalHash">Hash of the state at the end: the run's own, since a trace changes nothing.</param>
public sealed record TraceResult(TraceCounts Counts, int Samples, ulong Icount, ulong VtimeNs, int Checked, Divergence? Divergence, ulong FinalHash);
