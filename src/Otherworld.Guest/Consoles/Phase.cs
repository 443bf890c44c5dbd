namespace Otherworld.Guest.Consoles;

/// <summary>A moment of a run.</summary>
/// <param name="Name">What happened.</param>
/// <param name="Icount">Retired instructions since power-on.</param>
/// <param name="VtimeNs">Guest time since power-on, ns.</param>
public sealed record Phase(string Name, ulong Icount, ulong VtimeNs);
