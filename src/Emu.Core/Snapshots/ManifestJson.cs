using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Emu.Core.Snapshots;

/// <summary>How a manifest is written: readable JSON, every member of which must be there and known.</summary>
public static class ManifestJson
{
    /// <summary>Options for manifests whose members are named so.</summary>
    public static JsonSerializerOptions With(JsonNamingPolicy names) => new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = names,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
