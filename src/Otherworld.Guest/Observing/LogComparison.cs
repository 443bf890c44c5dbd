using System.Globalization;
using Otherworld.Guest.Consoles;

namespace Otherworld.Guest.Observing;

/// <summary>Compares an observer's log of acknowledged operations with what was read back from the server last.</summary>
public sealed class LogComparison
{
    /// <summary>Stands in the key of a write whose key the server gives: it is not known before the answer.</summary>
    private const string UnknownKey = "?";

    private readonly IReadOnlyList<LogEntry> _log;
    private int _lost;
    private int _duplicated;
    private int _corrupted;
    private string? _problem;

    private LogComparison(IReadOnlyList<LogEntry> log) => _log = log;

    /// <summary>Compares.</summary>
    public static Observation Of(IReadOnlyList<LogEntry> log) => new LogComparison(log).Compare();

    private Observation Compare()
    {
        int end = LastIndexOf(LogEntryKind.HeldEnd), begin = LastIndexOf(LogEntryKind.HeldBegin);
        // What came behind the last whole reading was not read back; without one, only counters can be compared.
        LogEntry[] before = [.. _log.Take(end > begin && begin >= 0 ? begin : 0)];
        Dictionary<string, string> held = new(StringComparer.Ordinal);
        foreach (LogEntry entry in _log.Skip(before.Length).Take(before.Length == 0 ? 0 : end - begin).Where(entry => entry.Kind == LogEntryKind.Held))
            held[entry.Key] = entry.Value;
        foreach (IGrouping<string, LogEntry> counter in Counts(_log))
            CompareCounter(counter.Key, [.. counter]);
        foreach (IGrouping<string, LogEntry> counter in Counts(before).Where(counter => held.ContainsKey(counter.Key)))
            CompareHeldCount(counter.Key, [.. counter], held[counter.Key]);
        if (before.Length > 0)
            CompareWrites(before, held);
        return Result();
    }

    private static IEnumerable<IGrouping<string, LogEntry>> Counts(IEnumerable<LogEntry> log) =>
        log.Where(entry => entry.Kind is LogEntryKind.Count or LogEntryKind.DoubtfulCount).GroupBy(entry => entry.Key, StringComparer.Ordinal);

    /// <summary>Each acknowledged value is one more than the one before, or as many more as there were doubts in between.</summary>
    private void CompareCounter(string key, LogEntry[] steps)
    {
        long last = 0, doubts = 0;
        bool isFirst = true;
        foreach (LogEntry step in steps)
        {
            if (step.Kind == LogEntryKind.DoubtfulCount)
            {
                doubts++;
                continue;
            }

            long value = Number(step);
            if (!isFirst)
                CompareNumber(key, last + 1, last + 1 + doubts, value);
            (last, doubts, isFirst) = (value, 0, false);
        }
    }

    private void CompareHeldCount(string key, LogEntry[] steps, string held)
    {
        int last = Array.FindLastIndex(steps, step => step.Kind == LogEntryKind.Count);
        if (last < 0)
            return;
        long value = Number(steps[last]);
        if (long.TryParse(held, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            CompareNumber(key, value, value + steps.Length - 1 - last, number);
        else
            Found(ref _corrupted, 1, $"{key} is '{held}', no number");
    }

    private void CompareNumber(string key, long least, long most, long found)
    {
        if (found < least)
            Found(ref _lost, (int)(least - found), $"{key} is {found} where at least {least} was acknowledged");
        else if (found > most)
            Found(ref _duplicated, (int)(found - most), $"{key} is {found} where at most {most} was asked for");
    }

    private void CompareWrites(LogEntry[] before, Dictionary<string, string> held)
    {
        Dictionary<string, LogEntry> acknowledged = new(StringComparer.Ordinal);
        HashSet<string> written = new(StringComparer.Ordinal), doubtful = new(StringComparer.Ordinal);
        foreach (LogEntry entry in before)
        {
            if (entry.Kind == LogEntryKind.Write)
            {
                acknowledged[entry.Key] = entry;
                written.Add(Fact(entry.Key, entry.Value));
            }
            else if (entry.Kind == LogEntryKind.DoubtfulWrite)
            {
                doubtful.Add(Fact(entry.Key, entry.Value));
            }
        }

        foreach ((string key, LogEntry entry) in acknowledged)
        {
            if (!held.TryGetValue(key, out string? value))
                Found(ref _lost, 1, $"{key} is gone, where '{entry.Value}' was acknowledged");
            else if (value != entry.Value && !doubtful.Contains(Fact(key, value)))
                FoundOther(key, entry.Value, value, written.Contains(Fact(key, value)));
        }

        CompareUnknown(held, acknowledged, doubtful);
    }

    private void FoundOther(string key, string wanted, string value, bool isOlder)
    {
        if (isOlder)
            Found(ref _lost, 1, $"{key} is '{value}' again, where '{wanted}' was acknowledged later");
        else
            Found(ref _corrupted, 1, $"{key} is '{value}', where '{wanted}' was acknowledged");
    }

    /// <summary>Keys that nobody was told of: writes in doubt, each once.</summary>
    private void CompareUnknown(Dictionary<string, string> held, Dictionary<string, LogEntry> acknowledged, HashSet<string> doubtful)
    {
        HashSet<string> values = [.. acknowledged.Select(entry => Fact(Table(entry.Key), entry.Value.Value))];
        HashSet<string> counters = [.. Counts(_log).Select(counter => counter.Key)];
        foreach ((string key, string value) in held.Where(entry => !acknowledged.ContainsKey(entry.Key) && !counters.Contains(entry.Key)))
        {
            if (doubtful.Remove(Fact(key, value)) || doubtful.Remove(Fact(Table(key) + UnknownKey, value)))
                continue;
            if (values.Contains(Fact(Table(key), value)))
                Found(ref _duplicated, 1, $"{key} is '{value}', which was acknowledged once, under another key");
            else
                Found(ref _corrupted, 1, $"{key} is '{value}', and nobody wrote that");
        }
    }

    private Observation Result()
    {
        // Reading back is being answered, too.
        LogEntry[] answered = [.. _log.Where(entry => entry.IsAcknowledgement || entry.Kind is LogEntryKind.HeldBegin or LogEntryKind.Held or LogEntryKind.HeldEnd)];
        Moment longest = default;
        for (int i = 1; i < answered.Length; i++)
        {
            Moment from = answered[i - 1].When, to = answered[i].When;
            if (to.VtimeNs - from.VtimeNs > longest.VtimeNs)
                longest = new Moment(to.Icount - from.Icount, to.VtimeNs - from.VtimeNs);
        }

        return new Observation
        {
            Acknowledged = _log.Count(entry => entry.IsAcknowledgement),
            Lost = _lost,
            Duplicated = _duplicated,
            Corrupted = _corrupted,
            Refused = _log.Count(entry => entry.Kind == LogEntryKind.Refused),
            InDoubt = _log.Count(entry => entry.Kind is LogEntryKind.DoubtfulCount or LogEntryKind.DoubtfulWrite),
            Broken = _log.Count(entry => entry.Kind == LogEntryKind.Broken),
            LongestInterruption = longest,
            Problem = _problem,
        };
    }

    private void Found(ref int count, int times, string problem)
    {
        count += times;
        _problem ??= problem;
    }

    private int LastIndexOf(LogEntryKind kind)
    {
        for (int i = _log.Count - 1; i >= 0; i--)
        {
            if (_log[i].Kind == kind)
                return i;
        }

        return -1;
    }

    private static long Number(LogEntry entry) => long.Parse(entry.Value, CultureInfo.InvariantCulture);

    /// <summary>The part of a key before its name in a table, with the slash.</summary>
    private static string Table(string key) => key[..(key.LastIndexOf('/') + 1)];

    private static string Fact(string key, string value) => $"{key} {value}";
}
