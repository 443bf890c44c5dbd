using System.Text.Json;
using System.Text.Json.Serialization;
using Emu.Core.Machine;
using Emu.Core.Snapshots;

namespace Otherworld.Guest.Worlds;

/// <summary>How the manifest of a world is written.</summary>
[JsonSerializable(typeof(WorldManifest))]
internal sealed partial class WorldJson : JsonSerializerContext
{
    /// <summary>As <see cref="ManifestJson"/> wants it, names in snake case.</summary>
    public static WorldJson Manifest { get; } = new(new JsonSerializerOptions(ManifestJson.With(JsonNamingPolicy.SnakeCaseLower)) { Converters = { new JsonStringEnumConverter<StopReason>() } });
}
