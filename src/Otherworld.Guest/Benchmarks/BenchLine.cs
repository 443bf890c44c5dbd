using System.Globalization;

namespace Otherworld.Guest.Benchmarks;

/// <summary>A line of the bench program; see the head of <c>bench/guest/main.c</c>.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Name">The item, or what went wrong.</param>
/// <param name="Result">What the item computed.</param>
/// <param name="Ticks">Ticks of the time stamp counter the item took.</param>
internal readonly record struct BenchLine(BenchLineKind Kind, string Name = "", string Result = "", ulong Ticks = 0)
{
    private const string Prefix = "bench: ";

    /// <summary>Reads a line of a console, which may come from the kernel or carry a carriage return.</summary>
    internal static BenchLine Parse(string line)
    {
        line = line.TrimEnd();
        int start = line.IndexOf(Prefix, StringComparison.Ordinal);
        if (start < 0)
            return default;
        string text = line[(start + Prefix.Length)..];
        return text.Split(' ') switch
        {
            ["ready"] => new BenchLine(BenchLineKind.Ready),
            ["done"] => new BenchLine(BenchLineKind.Done),
            [">", var name] => new BenchLine(BenchLineKind.Started, name),
            ["<", var name, var result, var ticks] when ulong.TryParse(ticks, CultureInfo.InvariantCulture, out ulong count) => new BenchLine(BenchLineKind.Finished, name, result, count),
            ["!", ..] => new BenchLine(BenchLineKind.Failed, text[1..].Trim()),
            _ => default,
        };
    }
}
