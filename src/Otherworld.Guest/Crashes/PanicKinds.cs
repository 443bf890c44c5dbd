using Emu.Core;

namespace Otherworld.Guest.Crashes;

/// <summary>Names of <see cref="PanicKind"/> as people write them.</summary>
public static class PanicKinds
{
    private static readonly string[] Names = ["null-deref", "bug", "stack-overflow", "corrupt-list", "hang", "hang-irq-off"];

    /// <summary>The name on the command line and in reports.</summary>
    public static string Name(PanicKind kind) => Names[(int)kind];

    /// <summary>Reads a name.</summary>
    /// <exception cref="OtherworldException">There is no such kind.</exception>
    public static PanicKind Parse(string name)
    {
        int index = Array.IndexOf(Names, name);
        return index >= 0 ? (PanicKind)index : throw new OtherworldException($"'{name}' is no kind of panic. Known: {string.Join(", ", Names)}.");
    }

    /// <summary>How many there are.</summary>
    public static int Count => Names.Length;
}
