using System.Text.Json.Serialization;
using Otherworld.Guest.Benchmarks;

namespace Otherworld.Guest;

/// <summary>How files are written that people open too: indented, names in snake case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(SortedDictionary<string, string>))]
internal sealed partial class ReportJson : JsonSerializerContext;
