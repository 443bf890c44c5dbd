using System.CommandLine;

namespace Otherworld.Cli;

/// <summary>Options every verb has, with the same meaning everywhere.</summary>
internal static class CommonOptions
{
    /// <summary><c>--json</c>.</summary>
    public static Option<bool> Json() => new("--json") { Description = "End with one line of JSON on standard output." };

    /// <summary><c>--verbose</c>.</summary>
    public static Option<bool> Verbose() => new("--verbose", "-v") { Description = "Also say what the effective settings are." };
}
