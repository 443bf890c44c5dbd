using System.Globalization;

namespace System.Tests.Tracing;

/// <summary>A line of a trace as text.</summary>
/// <param name="Icount">Instructions retired.</param>
/// <param name="Task">As name-pid.</param>
/// <param name="Word">What kind of event.</param>
/// <param name="Text">The rest.</param>
internal sealed record TraceLine(ulong Icount, string Task, string Word, string Text)
{
    public static TraceLine Parse(string line)
    {
        string[] parts = line.Split(' ', 5, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new TraceLine(ulong.Parse(parts[1], CultureInfo.InvariantCulture), parts[2], parts[3], parts[4]);
    }
}
