using System.Globalization;
using System.Text.RegularExpressions;
using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Experiments;

/// <summary>How much memory a kernel of the guest has, as /proc/meminfo says after it has dropped its caches.</summary>
/// <param name="Total">MemTotal, KiB.</param>
/// <param name="Free">MemFree, KiB.</param>
public sealed partial record MemoryReading(long Total, long Free)
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
        if (shell.Ask("sync; for i in 1 2; do echo 3 >/proc/sys/vm/drop_caches; done; head -n 2 /proc/meminfo", out string answer) is { } silence)
            return silence;
        if (Amounts().Match(answer) is not { Success: true } match)
            return $"/proc/meminfo does not say how much memory there is: '{answer.Trim()}'";
        reading = new MemoryReading(long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), long.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
        return null;
    }

    /// <summary>Compares with what an earlier kernel had.</summary>
    /// <returns>What has gone, or null.</returns>
    public string? Compare(MemoryReading earlier)
    {
        if (Math.Abs(Total - earlier.Total) > earlier.Total * Tolerance)
            return string.Create(CultureInfo.InvariantCulture, $"MemTotal was {earlier.Total} KiB and is {Total} KiB");
        return Math.Abs(Free - earlier.Free) > earlier.Free * Tolerance
            ? string.Create(CultureInfo.InvariantCulture, $"MemFree was {earlier.Free} KiB and is {Free} KiB")
            : null;
    }

    [GeneratedRegex(@"MemTotal:\s+(\d+) kB\s+MemFree:\s+(\d+) kB", RegexOptions.None, 1000)]
    private static partial Regex Amounts();
}
