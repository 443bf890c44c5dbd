using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Otherworld.Guest.Exploring;

namespace Otherworld.Cli.Explore;

/// <summary>How the page is told what has a type of its own.</summary>
[JsonSerializable(typeof(IReadOnlyList<RunEvent>))]
[JsonSerializable(typeof(IReadOnlyList<RegisterView>))]
[JsonSerializable(typeof(IReadOnlyList<CodeLine>))]
internal sealed partial class ExploreJson : JsonSerializerContext
{
    /// <summary>Names in snake case, kinds of events too.</summary>
    public static ExploreJson Page { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter<RunEventKind>(JsonNamingPolicy.SnakeCaseLower) },
    });
}
