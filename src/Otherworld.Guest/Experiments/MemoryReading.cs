using System.Globalization;
using System.Text.RegularExpressions;
using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Experiments;

/// <summary>How much memory a kernel of the guest has, as /proc/meminfo says after it has dropped its caches.</summary>
/// <param name="Total">MemTotal, KiB.</param>
/// <param name="Free">MemFree, KiB.</param>
/// <param name="Anonymous">AnonPages, KiB: what processes have for themselves.</param>
public sealed partial record MemoryReading(long Total, long Free, long Anonymous)
{
    /// <summary>Part of the memory that may come and go: kernels differ a little in what they have allocated.</summary>
    private const double Tolerance = 0.01;

    /// <summary>Asks the guest.</summary>
    /// <param name="shell">A shell at its prompt.</param>
    /// <param name="reading">What it said; null when something is wrong.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Take(GuestShell shell, out MemoryReading? reading)
    {
        reading = null;
        // Twice: what the first one frees lets go of more.
        if (shell.Ask("sync; for i in 1 2; do echo 3 >/proc/sys/vm/drop_caches; done; grep -E '^(MemTotal|MemFree|AnonPages):' /proc/meminfo", out string answer) is { } silence)
            return silence;
        if (Amounts().Match(answer) is not { Success: true } match)
            return $"/proc/meminfo does not say how much memory there is: '{answer.Trim()}'";
        reading = new MemoryReading(Kibibytes(match, 1), Kibibytes(match, 2), Kibibytes(match, 3));
        return null;
    }

    /// <summary>Compares with what an earlier kernel had.</summary>
    /// <param name="earlier">What it had.</param>
    /// <param name="grows">The application takes more for itself as it works: what moved from free memory to processes has not gone.</param>
    /// <returns>What has gone, or null.</returns>
    public string? Compare(MemoryReading earlier, bool grows)
    {
        if (Math.Abs(Total - earlier.Total) > earlier.Total * Tolerance)
            return string.Create(CultureInfo.InvariantCulture, $"MemTotal was {earlier.Total} KiB and is {Total} KiB");
        (string what, long before, long now) = grows ? ("MemFree with AnonPages", earlier.Free + earlier.Anonymous, Free + Anonymous) : ("MemFree", earlier.Free, Free);
        return Math.Abs(now - before) > before * Tolerance ? string.Create(CultureInfo.InvariantCulture, $"{what} was {before} KiB and is {now} KiB") : null;
    }

    private static long Kibibytes(Match match, int group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"MemTotal:\s+(\d+) kB\s+MemFree:\s+(\d+) kB\s+AnonPages:\s+(\d+) kB", RegexOptions.None, 1000)]
    private static partial Regex Amounts();
}
