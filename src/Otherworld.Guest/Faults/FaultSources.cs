namespace Otherworld.Guest.Faults;

/// <summary>Where the classes come from.</summary>
internal static class FaultSources
{
    /// <summary>P. M. Chen et al., "The Rio file cache: surviving operating system crashes", ASPLOS 1996; used again by M. Swift et al. for Nooks, SOSP 2003.</summary>
    public const string Rio = "Rio 1996, Nooks 2003";

    /// <summary>N. Palix et al., "Faults in Linux: ten years later", ASPLOS 2011.</summary>
    public const string Palix = "Palix 2011";

    /// <summary>This project: a death at a chosen instruction.</summary>
    public const string Own = "Otherworld";
}
