using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Otherworld.Guest.Campaigns;

/// <summary>How plans and results are written: one object a line, names in snake case, verdicts in words. An unknown name is an error.</summary>
[JsonSerializable(typeof(PlanHeader))]
[JsonSerializable(typeof(Experiment))]
[JsonSerializable(typeof(ExperimentRow))]
[JsonSerializable(typeof(SaidFile))]
internal sealed partial class CampaignJson : JsonSerializerContext
{
    /// <summary>All of it.</summary>
    public static CampaignJson Lines { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter<Verdict>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) },
    });
}
