using System.Text.Json;

namespace System.Tests;

/// <summary>How a run of the program ended.</summary>
/// <param name="Status">Exit status.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record CliResult(int Status, string Output, string Error)
{
    /// <summary>The last line of standard output as JSON.</summary>
    public JsonElement Json() => JsonDocument.Parse(Output.TrimEnd().Split('\n')[^1]).RootElement;

    /// <summary>A member of that line as text.</summary>
    public string Json(string member) => Json().GetProperty(member).ToString();
}
