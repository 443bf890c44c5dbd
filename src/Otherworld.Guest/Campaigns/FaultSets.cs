using Emu.Core;

namespace Otherworld.Guest.Campaigns;

/// <summary>Names of <see cref="FaultSet"/> as people write them.</summary>
public static class FaultSets
{
    private static readonly string[] Names = ["sweep", "panics"];

    /// <summary>The name on the command line and in plans.</summary>
    public static string Name(FaultSet set) => Names[(int)set];

    /// <summary>Reads a name.</summary>
    /// <exception cref="OtherworldException">There is no such set.</exception>
    public static FaultSet Parse(string name)
    {
        int index = Array.IndexOf(Names, name);
        return index >= 0 ? (FaultSet)index : throw new OtherworldException($"'{name}' is no set of faults. Known: {string.Join(", ", Names)}.");
    }
}
