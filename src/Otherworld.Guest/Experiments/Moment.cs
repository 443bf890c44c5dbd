namespace Otherworld.Guest.Experiments;

/// <summary>A point of a run: the boundary behind an instruction.</summary>
/// <param name="Icount">Retired instructions since power-on.</param>
/// <param name="VtimeNs">Guest time since power-on, ns.</param>
public readonly record struct Moment(ulong Icount, ulong VtimeNs);
