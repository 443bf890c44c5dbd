using System.Text.Json;
using System.Text.Json.Serialization;

namespace Emu.Core.Snapshots;

/// <summary>What a snapshot file says about itself, readable JSON. Hashes are 32 hexadecimal digits.</summary>
public sealed record SnapshotManifest
{
    /// <summary>Commit of the program that wrote it.</summary>
    public required string Commit { get; init; }

    /// <summary>The machine description: enough to build an equal machine.</summary>
    public required JsonElement Machine { get; init; }

    /// <summary>XxHash128 of <see cref="MachineJson"/>.</summary>
    public required string MachineHash { get; init; }

    /// <summary>Build id of the guest's kernel, or empty when it is not known.</summary>
    public required string KernelBuildId { get; init; }

    /// <summary>Hash of what was loaded at power-on: kernel, modules, command line, disk images; or empty.</summary>
    public required string Images { get; init; }

    /// <summary>State hash of the snapshot this run was started from, or null for power-on.</summary>
    public required string? Parent { get; init; }

    /// <summary>Why it was taken, for a person.</summary>
    public required string Reason { get; init; }

    /// <summary>When.</summary>
    public required ulong Tick { get; init; }

    /// <summary>Instructions retired since power-on.</summary>
    public required ulong InstructionCount { get; init; }

    /// <summary>Hash of the whole state: equal exactly for equal states.</summary>
    public required string StateHash { get; init; }

    /// <summary>Disk images that must be there, in the order of the machine.</summary>
    public required IReadOnlyList<SnapshotDisk> Disks { get; init; }

    /// <summary>State structs, in the order of the machine and of their bytes in the file.</summary>
    public required IReadOnlyList<SnapshotSection> Sections { get; init; }

    /// <summary>RAM and other sets of pages, in the order of their leaves in the file.</summary>
    public required IReadOnlyList<SnapshotPageSet> PageSets { get; init; }

    /// <summary>Folder of the packs, relative to the file.</summary>
    public required string Store { get; init; }

    /// <summary>Packs that together hold every page, leaf and schema it names.</summary>
    public required IReadOnlyList<string> Packs { get; init; }

    /// <summary>The machine description as canonical JSON.</summary>
    [JsonIgnore]
    public string MachineJson => JsonSerializer.Serialize(Machine, CoreJson.Default.JsonElement);

    /// <summary>Readable JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, CoreJson.Manifest.SnapshotManifest);

    /// <summary>The other way from <see cref="MachineJson"/>.</summary>
    public static JsonElement ParseMachine(string json)
    {
        using var document = JsonDocument.Parse(json);
        JsonElement machine = document.RootElement.Clone();
        Check.That(JsonSerializer.Serialize(machine, CoreJson.Default.JsonElement) == json, "a machine description is canonical JSON");
        return machine;
    }

    /// <summary>Reads <see cref="ToJson"/>.</summary>
    /// <exception cref="JsonException">It is none: a member is missing, unknown or of a wrong type.</exception>
    public static SnapshotManifest Parse(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, CoreJson.Manifest.SnapshotManifest) ?? throw new JsonException("the manifest is null");
}
