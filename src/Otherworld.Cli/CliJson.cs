using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Experiments;
using Otherworld.Guest.Faults;
using Otherworld.Guest.Observing;
using Otherworld.Guest.Protection;

namespace Otherworld.Cli;

/// <summary>How verbs print what has a type of its own: on one line, names in snake case. What has none they put together as a <see cref="JsonObject"/>, and say the names themselves.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BootReport))]
[JsonSerializable(typeof(TraceReport))]
[JsonSerializable(typeof(DoctorCheck[]))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, ulong>))]
[JsonSerializable(typeof(IReadOnlyList<FaultChange>))]
[JsonSerializable(typeof(IReadOnlyList<ResurrectedProcess>))]
[JsonSerializable(typeof(IReadOnlyList<CrashRecord>))]
[JsonSerializable(typeof(IReadOnlyList<MemoryReading>))]
[JsonSerializable(typeof(IReadOnlyList<Phase>))]
[JsonSerializable(typeof(Moment?))]
[JsonSerializable(typeof(WaitTimes))]
[JsonSerializable(typeof(DeadReads))]
[JsonSerializable(typeof(Observation))]
[JsonSerializable(typeof(LoadCount))]
internal sealed partial class CliJson : JsonSerializerContext
{
    /// <summary>The same, with quotation marks and letters other than ASCII as they are: for people who read it.</summary>
    public static CliJson Readable { get; } = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>A list, each of whose items becomes JSON so.</summary>
    public static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonNode?> each) => new([.. items.Select(each)]);

    /// <summary>A list of texts.</summary>
    public static JsonArray List(IEnumerable<string> texts) => List(texts, text => text);
}
