using System.Text.Json.Serialization;

namespace Otherworld.Guest.Images;

/// <summary>How an image's manifest is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ImageManifest))]
internal sealed partial class ImageJson : JsonSerializerContext;
