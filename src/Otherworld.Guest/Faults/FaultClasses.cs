using Emu.Core;
using Otherworld.Guest.Faults.Classes;

namespace Otherworld.Guest.Faults;

/// <summary>All classes of faults, and the published mixes of them. A new class is one file and one line here.</summary>
public static class FaultClasses
{
    private static readonly FaultClass Text = new TextBit();
    private static readonly FaultClass Panic = new PanicAtPoint();

    /// <summary>All of them, in the order in which they are listed.</summary>
    public static IReadOnlyList<FaultClass> All { get; } = [Text, Panic];

    /// <summary>Mixes by name.</summary>
    public static IReadOnlyList<FaultSet> Sets { get; } =
    [
        new("rio", "the classes of Rio and Nooks, evenly", [.. All.Where(each => each.Source == FaultSources.Rio).Select(each => (each, 1u))]),
        new("palix", "the mistakes found in Linux, by their published shares in percent", [(Text, 5u)]),
        new("sweep", "deaths at chosen instructions", [(Panic, 1u)]),
    ];

    /// <summary>A class by its name.</summary>
    /// <exception cref="OtherworldException">There is none.</exception>
    public static FaultClass Find(string name) => All.FirstOrDefault(each => each.Name == name)
        ?? throw new OtherworldException($"'{name}' is no class of faults. Known: {string.Join(", ", All.Select(each => each.Name))}.");

    /// <summary>A mix by its name.</summary>
    /// <exception cref="OtherworldException">There is none.</exception>
    public static FaultSet FindSet(string name) => Sets.FirstOrDefault(each => each.Name == name)
        ?? throw new OtherworldException($"'{name}' is no set of faults. Known: {string.Join(", ", Sets.Select(each => each.Name))}.");
}
