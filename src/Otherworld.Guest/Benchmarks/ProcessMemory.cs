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

    /// <summary>Most resident bytes of this process since <see cref="ForgetPeak"/>; 0 where /proc does not say.</summary>
    internal static long Peak()
    {
        try
        {
            return File.ReadLines("/proc/self/status").Select(line => Kibibytes(line, "VmHWM:")).OfType<long>().FirstOrDefault() << 10;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>The peak is what is resident now (proc(5), <c>clear_refs</c>, 5). A kernel that does not know it keeps the old one, which is no less.</summary>
    internal static void ForgetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Said above.
        }
    }

    private static long? Kibibytes(string line, string key) =>
        line.StartsWith(key, StringComparison.Ordinal)
            ? long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture)
            : null;
}
