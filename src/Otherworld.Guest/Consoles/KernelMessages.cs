using System.Text.RegularExpressions;

namespace Otherworld.Guest.Consoles;

/// <summary>Lines a kernel writes on the terminal that a shell or an editor writes to, at any place in what they write.</summary>
public static partial class KernelMessages
{
    /// <summary>What the terminal said, without the kernel's own lines.</summary>
    /// <param name="said">What it said, with ends of line.</param>
    public static string Without(string said) => Line().Replace(said, "");

    /// <summary>A line of printk() with its time, seconds and microseconds; the last one may have no end yet.</summary>
    [GeneratedRegex(@"\[ *\d+\.\d{6}\] [^\n]*(?:\n|\z)", RegexOptions.None, 1000)]
    private static partial Regex Line();
}
