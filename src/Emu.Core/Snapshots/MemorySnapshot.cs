using Emu.Core.Memory;
using Emu.Core.State;

namespace Emu.Core.Snapshots;

/// <summary>
/// A machine at one moment, in memory. Taking and restoring cost time for what has changed, not for what there is. A snapshot never changes, so
/// that many machines with equal descriptions may be restored from it, also in several threads.
/// </summary>
public sealed class MemorySnapshot
{
    private MemorySnapshot(
        string descriptionJson, ulong tick, ulong instructionCount, RamImage ram, IReadOnlyList<PartImage> parts, IReadOnlyDictionary<string, PageImage> pageSets)
    {
        DescriptionJson = descriptionJson;
        Tick = tick;
        InstructionCount = instructionCount;
        Ram = ram;
        Parts = parts;
        PageSets = pageSets;
    }

    /// <summary>The description of the machine, canonical JSON.</summary>
    public string DescriptionJson { get; }

    /// <summary>When.</summary>
    public ulong Tick { get; }

    /// <summary>Instructions retired since power-on.</summary>
    public ulong InstructionCount { get; }

    /// <summary>RAM.</summary>
    public RamImage Ram { get; }

    /// <summary>All parts with state, in the order of the machine.</summary>
    public IReadOnlyList<PartImage> Parts { get; }

    /// <summary>Variable-size state by name, for example <c>vda.overlay</c>.</summary>
    public IReadOnlyDictionary<string, PageImage> PageSets { get; }

    /// <summary>Takes a snapshot. The guest cannot tell.</summary>
    public static MemorySnapshot Take(ISnapshotable machine)
    {
        machine.DropTranslations();
        var parts = new List<PartImage>();
        var sets = new SortedDictionary<string, PageImage>(StringComparer.Ordinal);
        foreach (IStateful part in machine.Parts)
        {
            parts.Add(new PartImage(part.Id, part.StateType, part.StateBytes.ToArray()));
            if (part is IVisitable visitable)
                visitable.Visit(new Freezer(part.Id, sets));
        }

        return new MemorySnapshot(machine.DescriptionJson, machine.Tick, machine.InstructionCount, RamImage.Take(machine.Memory), parts, sets);
    }

    /// <summary>Puts one together from what a file holds.</summary>
    internal static MemorySnapshot From(
        SnapshotManifest manifest, RamImage ram, IReadOnlyList<PartImage> parts, IReadOnlyDictionary<string, PageImage> pageSets) =>
        new(manifest.MachineJson, manifest.Tick, manifest.InstructionCount, ram, parts, pageSets);

    /// <summary>Makes a machine what it was, or one with an equal description what another was.</summary>
    /// <exception cref="OtherworldException">The machine is another one: its description, parts or layouts differ.</exception>
    public void Restore(ISnapshotable machine)
    {
        CheckFits(machine);
        machine.DropTranslations();
        Ram.RestoreTo(machine.Memory);
        for (int i = 0; i < Parts.Count; i++)
        {
            Parts[i].Bytes.CopyTo(machine.Parts[i].StateBytes);
            if (machine.Parts[i] is IVisitable visitable)
                visitable.Visit(new Thawer(visitable.Id, PageSets));
        }

        // Only now, when all state is there: what one part derives may depend on another.
        machine.Restored();
    }

    /// <summary>128 bits over everything a machine is: equal states give equal hashes, wherever and however they came about.</summary>
    public UInt128 Hash() => SnapshotHash.Of(Parts, PageTables());

    /// <summary>The pages of RAM that are not zero, and all variable-size parts, with the addresses of their contents.</summary>
    internal IReadOnlyList<PageTable> PageTables()
    {
        var numbers = new List<ulong>();
        var addresses = new List<UInt128>();
        for (int frame = 0; frame < Ram.FrameCount; frame++)
        {
            if (Ram[frame].IsZero)
                continue;
            numbers.Add((ulong)frame);
            addresses.Add(Ram[frame].Hash);
        }

        var tables = new List<PageTable> { new("ram", [.. numbers], [.. addresses]) };
        foreach ((string name, PageImage image) in PageSets)
            tables.Add(new PageTable(name, image.Numbers, Array.ConvertAll(image.Pages, page => System.IO.Hashing.XxHash128.HashToUInt128(page))));
        return tables;
    }

    private void CheckFits(ISnapshotable machine)
    {
        if (machine.DescriptionJson != DescriptionJson)
            throw new OtherworldException($"the snapshot is of another machine: {DescriptionJson}, not {machine.DescriptionJson}.");
        Check.That(machine.Memory.FrameCount == Ram.FrameCount);
        string[] wanted = [.. Parts.Select(part => part.Id)];
        string[] present = [.. machine.Parts.Select(part => part.Id)];
        if (wanted.Except(present).FirstOrDefault() is { } unknown)
            throw new OtherworldException($"the snapshot has a section '{unknown}' that this machine does not know. It was made by another version of the program.");
        if (present.Except(wanted).FirstOrDefault() is { } missing)
            throw new OtherworldException($"the snapshot lacks the section '{missing}'. It was made by another version of the program.");
        for (int i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] != present[i] || !Parts[i].Fits(machine.Parts[i].StateType))
                throw new OtherworldException($"section '{wanted[i]}' is laid out otherwise in this program. The snapshot was made by another version of it.");
        }
    }

    private sealed class Freezer(string part, SortedDictionary<string, PageImage> sets) : IStateVisitor
    {
        public void Pages(string name, PageStore pages) => sets.Add($"{part}.{name}", pages.Freeze());
    }

    private sealed class Thawer(string part, IReadOnlyDictionary<string, PageImage> sets) : IStateVisitor
    {
        public void Pages(string name, PageStore pages)
        {
            if (!sets.TryGetValue($"{part}.{name}", out PageImage? image))
                throw new OtherworldException($"the snapshot lacks the pages '{part}.{name}'. It was made by another version of the program.");
            pages.Thaw(image);
        }
    }
}
