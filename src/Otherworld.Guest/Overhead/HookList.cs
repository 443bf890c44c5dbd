using System.Text.RegularExpressions;

namespace Otherworld.Guest.Overhead;

/// <summary>The functions of the kernel that our patches change, as images/kernel/README.md names them in its table of patches.</summary>
public static partial class HookList
{
    /// <summary>Reads the table: every <c>name()</c> in the column of hooks.</summary>
    /// <param name="text">The document.</param>
    public static IReadOnlyList<string> Read(string text)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        foreach (string line in text.Split('\n'))
        {
            if (line.Split('|') is not [_, var patch, var hook, ..] || !PatchNumber().IsMatch(patch))
                continue;
            foreach (Match name in FunctionName().Matches(hook))
                names.Add(name.Groups[1].Value);
        }

        return [.. names];
    }

    [GeneratedRegex(@"^ \d{4} ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PatchNumber();

    [GeneratedRegex(@"`([a-z_0-9]+)\(\)`", RegexOptions.None, 1000)]
    private static partial Regex FunctionName();
}
