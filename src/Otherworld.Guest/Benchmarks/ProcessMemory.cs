using System.Globalization;

namespace Otherworld.Guest.Benchmarks;

/// <summary>What the kernel says about another process's memory.</summary>
internal static class ProcessMemory
{
    /// <summary>Resident bytes outside the mapping that holds the guest's RAM; null where /proc does not say.</summary>
    /// <param name="process">Its number.</param>
    /// <param name="guestMemory">Bytes of RAM: the first mapping at least as large is the guest's.</param>
    internal static long? WithoutGuest(int process, ulong guestMemory)
    {
        try
        {
            return WithoutGuest(File.ReadLines($"/proc/{process}/smaps"), guestMemory);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static long WithoutGuest(IEnumerable<string> smaps, ulong guestMemory)
    {
        long sum = 0;
        bool isGuest = false, seen = false;
        foreach (string line in smaps)
        {
            if (Kibibytes(line, "Size:") is { } size)
            {
                isGuest = !seen && (ulong)size << 10 >= guestMemory;
                seen |= isGuest;
            }
            else if (!isGuest && Kibibytes(line, "Rss:") is { } resident)
            {
                sum += resident << 10;
            }
        }

        return sum;
    }

    private static long? Kibibytes(string line, string key) =>
        line.StartsWith(key, StringComparison.Ordinal)
            ? long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture)
            : null;
}
