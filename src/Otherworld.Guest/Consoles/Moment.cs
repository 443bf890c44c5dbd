namespace Otherworld.Guest.Consoles;

/// <summary>A point of a run: the boundary behind an instruction.</summary>
/// <param name="Icount">Retired instructions since power-on.</param>
/// <param name="VtimeNs">Guest time since power-on, ns.</param>
public readonly record struct Moment(ulong Icount, ulong VtimeNs)
{
    /// <summary>What lies between an earlier moment and this one, in instructions and ns.</summary>
    public Moment Since(Moment earlier) => new(Icount - earlier.Icount, VtimeNs - earlier.VtimeNs);
}
