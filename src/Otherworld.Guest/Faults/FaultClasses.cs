using Emu.Core;
using Otherworld.Guest.Faults.Classes;

namespace Otherworld.Guest.Faults;

/// <summary>All classes of faults, and the published mixes of them. A new class is one file and one line here.</summary>
public static class FaultClasses
{
    /// <summary>So many faults of one class are put into a kernel at once, to make it likely that one comes to pass.</summary>
    private const int FaultsAtOnce = 20;

    /// <summary>All of them, in the order in which they are listed.</summary>
    public static IReadOnlyList<FaultClass> All { get; } =
    [
        new TextBit(),
        new StackBit(),
        new HeapBit(),
        new DroppedInstruction(),
        new DroppedInitialization(),
        new WrongDestination(),
        new WrongSource(),
        new DroppedBranch(),
        new WrongPointer(),
        new WrongImmediate(),
        new WrongLoop(),
        new OffByOne(),
        new InvertedCondition(),
        new DroppedParameter(),
        new DroppedEnable(),
        new DroppedDisable(),
        new FailedAllocation(),
        new SmallAllocation(),
        new EarlyFree(),
        new Leak(),
        new CopyOverrun(),
        new SkippedLock(),
        new SkippedUnlock(),
        new SleepInAtomic(),
        new LargeVariable(),
        new KernelFloat(),
        new PanicAtPoint(),
    ];

    /// <summary>Mixes by name.</summary>
    public static IReadOnlyList<FaultSet> Sets { get; } =
    [
        new("rio", "the classes of Rio and Nooks, evenly", FaultsAtOnce, [.. All.Where(each => each.Source == FaultSources.Rio).Select(each => (each, 1u))]),
        new("palix", "the mistakes found in Linux, by their published shares in percent", FaultsAtOnce, Mix(("unlock", 15), ("irq", 10), ("float", 10), ("size", 10), ("blocking", 25), ("var", 5), ("copy", 5), ("intrpt", 5), ("free", 10), ("text", 5))),
        new("sweep", "deaths at chosen instructions", 1, Mix(("panic", 1))),
    ];

    /// <summary>A class by its name.</summary>
    /// <exception cref="OtherworldException">There is none.</exception>
    public static FaultClass Find(string name) => All.FirstOrDefault(each => each.Name == name)
        ?? throw new OtherworldException($"'{name}' is no class of faults. Known: {string.Join(", ", All.Select(each => each.Name))}.");

    /// <summary>A mix by its name.</summary>
    /// <exception cref="OtherworldException">There is none.</exception>
    public static FaultSet FindSet(string name) => Sets.FirstOrDefault(each => each.Name == name)
        ?? throw new OtherworldException($"'{name}' is no set of faults. Known: {string.Join(", ", Sets.Select(each => each.Name))}.");

    private static (FaultClass Class, uint Weight)[] Mix(params (string Name, uint Weight)[] parts)
    {
        List<(FaultClass Class, uint Weight)> mix = [];
        foreach ((string name, uint weight) in parts)
            mix.Add((Find(name), weight));
        return [.. mix];
    }
}
