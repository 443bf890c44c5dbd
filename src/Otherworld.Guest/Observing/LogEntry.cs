using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Observing;

/// <summary>A line of the observer's log.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Key">What it is about; empty for lines about the connection.</param>
/// <param name="Value">The value, or a text for a person.</param>
/// <param name="When">When the line was complete: the observer's time, and instructions of the server.</param>
public sealed record LogEntry(LogEntryKind Kind, string Key, string Value, Moment When)
{
    /// <summary>An operation that took effect for certain.</summary>
    public bool IsAcknowledgement => Kind is LogEntryKind.Write or LogEntryKind.Count;

    /// <summary>All whole lines of a log.</summary>
    public static IReadOnlyList<LogEntry> ReadAll(Transcript log)
    {
        List<LogEntry> entries = [];
        string text = log.From(0);
        for (int start = 0, end; (end = text.IndexOf('\n', start)) >= 0; start = end + 1)
            entries.Add(Read(text[start..end].TrimEnd('\r'), log.MomentOf(end + 1)));
        return entries;
    }

    /// <summary>One line.</summary>
    public static LogEntry Read(string line, Moment when)
    {
        string[] words = line.Split(' ');
        return words switch
        {
            ["write", var key, ..] => new(LogEntryKind.Write, key, Rest(2), when),
            ["count", var key, var value] => new(LogEntryKind.Count, key, value, when),
            ["doubt", "write", var key, ..] => new(LogEntryKind.DoubtfulWrite, key, Rest(3), when),
            ["doubt", "count", var key] => new(LogEntryKind.DoubtfulCount, key, "", when),
            ["refused", ..] => new(LogEntryKind.Refused, "", Rest(1), when),
            ["broken", ..] => new(LogEntryKind.Broken, "", Rest(1), when),
            ["held-begin"] => new(LogEntryKind.HeldBegin, "", "", when),
            ["held", var key, ..] => new(LogEntryKind.Held, key, Rest(2), when),
            ["held-end"] => new(LogEntryKind.HeldEnd, "", "", when),
            _ => new(LogEntryKind.Note, "", line, when),
        };

        string Rest(int first) => string.Join(' ', words[first..]);
    }
}
