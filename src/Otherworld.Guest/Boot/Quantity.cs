using System.Globalization;
using Emu.Core;

namespace Otherworld.Guest.Boot;

/// <summary>How people write amounts: sizes <c>512M</c>, times <c>250ms</c>, instruction counts <c>12_000_000i</c>. The only place that reads them.</summary>
public static class Quantity
{
    private static readonly (string Suffix, ulong Factor)[] Sizes =
        [("KIB", 1UL << 10), ("MIB", 1UL << 20), ("GIB", 1UL << 30), ("K", 1UL << 10), ("M", 1UL << 20), ("G", 1UL << 30), ("B", 1), ("", 1)];

    private static readonly (string Suffix, ulong Factor)[] Times =
        [("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("min", 60_000_000_000), ("h", 3_600_000_000_000)];

    /// <summary>Reads a size in bytes: a number with K, M or G (powers of 1024), upper or lower case.</summary>
    /// <exception cref="OtherworldException">It is something else.</exception>
    public static ulong ParseSize(string text) =>
        TryScaled(text.ToUpperInvariant(), Sizes, out ulong bytes) ? bytes : throw new OtherworldException($"'{text}' is not a size. Write for example 512M or 1G.");

    /// <summary>Reads a guest time in nanoseconds: a number with ns, us, ms, s, min or h; 0 needs no unit.</summary>
    /// <exception cref="OtherworldException">It is something else.</exception>
    public static ulong ParseTime(string text)
    {
        if (text == "0")
            return 0;
        return TryScaled(text, Times, out ulong nanoseconds) ? nanoseconds : throw new OtherworldException($"'{text}' is not a time. Write for example 250ms or 2s.");
    }

    /// <summary>Reads a bit rate in bits per second: a number with k, M or G (powers of 1000); 0 for as many as there are.</summary>
    /// <exception cref="OtherworldException">It is something else.</exception>
    public static ulong ParseBitRate(string text) =>
        TryScaled(text, [("", 1), ("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000)], out ulong bits) && bits <= 1_000_000_000_000
            ? bits
            : throw new OtherworldException($"'{text}' is not a bit rate. Write for example 100M or 1G.");

    /// <summary>Reads a limit: a count of instructions (<c>12_000_000</c>, with or without <c>i</c>), or a guest time.</summary>
    /// <exception cref="OtherworldException">It is something else.</exception>
    public static RunLimit ParseLimit(string text)
    {
        if (TryScaled(text, [("i", 1), ("", 1)], out ulong count))
            return new RunLimit(count, IsTime: false);
        if (TryScaled(text, Times, out ulong nanoseconds))
            return new RunLimit(nanoseconds, IsTime: true);
        throw new OtherworldException($"'{text}' is not a limit. Write instructions, for example 12_000_000, or guest time, for example 250ms.");
    }

    /// <summary>Writes bytes the way <see cref="ParseSize"/> reads them, in the largest unit that divides them.</summary>
    public static string FormatSize(ulong bytes)
    {
        foreach ((string suffix, int shift) in new[] { ("G", 30), ("M", 20), ("K", 10) })
        {
            if (bytes != 0 && bytes % (1UL << shift) == 0)
                return (bytes >> shift).ToString(CultureInfo.InvariantCulture) + suffix;
        }

        return bytes.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Writes nanoseconds the way <see cref="ParseTime"/> reads them, in the largest unit that divides them.</summary>
    public static string FormatTime(ulong nanoseconds)
    {
        foreach ((string suffix, ulong factor) in new[] { ("s", 1_000_000_000UL), ("ms", 1_000_000UL), ("us", 1_000UL) })
        {
            if (nanoseconds != 0 && nanoseconds % factor == 0)
                return (nanoseconds / factor).ToString(CultureInfo.InvariantCulture) + suffix;
        }

        return nanoseconds == 0 ? "0" : nanoseconds.ToString(CultureInfo.InvariantCulture) + "ns";
    }

    private static bool TryScaled(string text, ReadOnlySpan<(string Suffix, ulong Factor)> units, out ulong value)
    {
        int digits = 0;
        while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || (digits > 0 && text[digits] == '_')))
            digits++;
        value = 0;
        if (!ulong.TryParse(text[..digits].Replace("_", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
            return false;
        foreach ((string suffix, ulong factor) in units)
        {
            if (text[digits..] != suffix)
                continue;
            if (number > ulong.MaxValue / factor)
                throw new OtherworldException($"'{text}' is too large.");
            value = number * factor;
            return true;
        }

        return false;
    }
}
