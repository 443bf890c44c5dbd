namespace Otherworld.Guest.Exploring;

/// <summary>Something worth a place on the timeline of a run.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">In a word.</param>
/// <param name="Detail">The rest; may be empty.</param>
/// <param name="Icount">Retired instructions since power-on.</param>
/// <param name="VtimeNs">Guest time since power-on, ns.</param>
public sealed record RunEvent(RunEventKind Kind, string Name, string Detail, ulong Icount, ulong VtimeNs);
