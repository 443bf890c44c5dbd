using System.Globalization;
using System.Text.Json;
using Emu.Core;

namespace Otherworld.Guest.Campaigns.Reports;

/// <summary>What living kernels pay, as <c>overhead --json</c> and <c>overhead --protected --json</c> measured it: one line each for a report.</summary>
/// <param name="Default">In default mode; null where it was not given.</param>
/// <param name="Protected">In protected mode; null where it was not given.</param>
public sealed record OverheadFigures(string? Default, string? Protected)
{
    /// <summary>Nothing was measured.</summary>
    public static OverheadFigures None { get; } = new(null, null);

    /// <summary>Reads one of the two files, whichever it is.</summary>
    /// <exception cref="OtherworldException">It is neither.</exception>
    public OverheadFigures With(string path)
    {
        try
        {
            using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(path));
            return file.RootElement.TryGetProperty("apps", out JsonElement apps)
                ? this with { Protected = Shares(apps) }
                : this with { Default = $"{file.RootElement.GetProperty("verdict").GetString()}: {file.RootElement.GetProperty("paths").GetArrayLength()} ways through the kernel compared, instruction by instruction" };
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new OtherworldException($"'{path}' is nothing that './otherworld overhead --json', with or without --protected, has printed: {problem.Message}");
        }
    }

    private static string Shares(JsonElement apps)
    {
        (string App, double Share)[] costs = [.. apps.EnumerateArray().Select(app => (app.GetProperty("app").GetString()!, app.GetProperty("share").GetDouble()))];
        if (costs.Length == 0)
            throw new InvalidOperationException("it names no application");
        string each = string.Join(", ", costs.Select(cost => string.Create(CultureInfo.InvariantCulture, $"{cost.App} {100 * cost.Share:0.00} %")));
        return string.Create(CultureInfo.InvariantCulture, $"{100 * costs.Min(cost => cost.Share):0.00} to {100 * costs.Max(cost => cost.Share):0.00} % (estimated: {each})");
    }
}
