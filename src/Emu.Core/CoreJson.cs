using System.Text.Json;
using System.Text.Json.Serialization;
using Emu.Core.Host;
using Emu.Core.Machine;
using Emu.Core.Snapshots;

namespace Emu.Core;

/// <summary>How our types become JSON, made at compile time: to find it out by reflection would cost every start some tens of milliseconds, and a program compiled ahead of time cannot.</summary>
[JsonSerializable(typeof(MachineDescription))]
[JsonSerializable(typeof(ContentHashRecord))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(SnapshotManifest))]
internal sealed partial class CoreJson : JsonSerializerContext
{
    /// <summary>As <see cref="ManifestJson"/> wants it.</summary>
    public static CoreJson Manifest { get; } = new(ManifestJson.With(JsonNamingPolicy.CamelCase));
}
