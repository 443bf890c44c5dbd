using System.Reflection;

namespace Otherworld.Cli;

/// <summary>Which build this is.</summary>
internal static class BuildInfo
{
    /// <summary>Version, plus sign, commit, as the build recorded it.</summary>
    public static string Version { get; } =
        typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The commit it was built from; <c>unknown</c> outside a checkout.</summary>
    public static string Commit { get; } = Version.Contains('+', StringComparison.Ordinal) ? Version.Split('+')[1] : "unknown";
}
